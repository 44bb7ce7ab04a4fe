/** Nothing goes to the signer that a rule forbids (DESIGN §2a). */
import { throwAwaySignature } from "#shared/crypto/throw-away-key";
import { Failure, isFailure } from "#shared/kernel/failure";
import { assembleSigned } from "#shared/pki/certificate";
import { lintWhole } from "#shared/pki/lint/registry";
import type { AnyKind, Finding } from "#shared/pki/lint/rule";
import type { SignatureAlgorithm } from "#shared/pki/signature-algorithm";

interface Refusal {
  /** What would be signed, for the message. */
  readonly what: string;
  /** The field of the request that it comes from. */
  readonly field?: string | undefined;
  /** Where rules can be told apart by what was asked: the field behind one, by the rule's id. */
  readonly fieldOf?: ((rule: string) => string) | undefined;
}

/** @throws Failure `unprocessable` that names each broken rule with its clause, when one of them is an error */
export function assertLintFree(findings: readonly Finding[], { what, field, fieldOf }: Refusal): void {
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return;
  const said = errors.map(({ id, source, message }) => ({ id, text: `${id} (${source}): ${message}` }));
  const at = fieldOf === undefined ? field : fieldOf(errors[0]?.id ?? "");
  throw new Failure("unprocessable", `${what} would break its rules: ${said.map(({ text }) => text).join("; ")}`, {
    ...(at !== undefined && { field: at }),
    extensions: {
      lints: [...new Set(errors.map(({ id }) => id))],
      ...(fieldOf !== undefined && { problems: said.map(({ id, text }) => `${fieldOf(id)}: ${text}`) }),
    },
  });
}

/** Reads what was built, as strictly as what comes from outside. @throws Failure `unprocessable` as rule `encoding` */
export function readBuilt<T>(parse: () => T, refusal: Refusal): T {
  try {
    return parse();
  } catch (error) {
    if (!isFailure(error, "malformed")) throw error;
    assertLintFree([encodingFinding(error.message)], refusal);
    throw error;
  }
}

const encodingFinding = (message: string): Finding => ({
  id: "encoding",
  severity: "error",
  source: "X.690, RFC 5280 4.1, 5.1, RFC 6960 4.2",
  message,
});

interface Whole extends Refusal {
  readonly kind: AnyKind;
  readonly tbs: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** Default: `{tbs, signatureAlgorithm, signature}`. */
  readonly assemble?: (signature: Uint8Array) => Uint8Array;
}

/** The whole object, under the signature of a throw-away key. @throws Failure `unprocessable` */
export async function assertWholeLintFree(whole: Whole): Promise<void> {
  const { kind, tbs, signatureAlgorithm } = whole;
  const { signature, spki } = await throwAwaySignature(signatureAlgorithm, tbs);
  const der = whole.assemble?.(signature) ?? assembleSigned(tbs, signatureAlgorithm, signature);
  assertLintFree(await lintWhole({ tbs, der, signature, spki, signatureAlgorithm }, kind), whole);
}

const maxShapes = 10_000;
const shapes = new Map<string, Promise<void>>();

/**
 * As `assertWholeLintFree`, for the first object of a shape: what surrounds the TBS depends on nothing else, and a
 * signature for each would cost as much as the signer's own. Those that come meanwhile wait for the first.
 * @param shape whatever the parts around the TBS are made from
 */
export function assertShapeLintFree(shape: string, whole: Whole): Promise<void> {
  const known = shapes.get(shape);
  if (known !== undefined) return known;
  const looked = assertWholeLintFree(whole);
  if (shapes.size >= maxShapes) shapes.clear();
  shapes.set(shape, looked);
  // One that failed says nothing about the next.
  looked.catch(() => shapes.delete(shape));
  return looked;
}
