/** What must not have happened. */
export class Violation extends Error {
  override readonly name = "Violation";
  readonly kind: ViolationKind;
  /** @param kind what it counts as in the last line */
  constructor(kind: ViolationKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

export type ViolationKind = "lost" | "doubled" | "wrong";

export const lost = (message: string): never => fail("lost", message);
export const doubled = (message: string): never => fail("doubled", message);
export const wrong = (message: string): never => fail("wrong", message);

function fail(kind: ViolationKind, message: string): never {
  throw new Violation(kind, message);
}
