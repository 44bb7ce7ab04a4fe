/** Walks the members of a SEQUENCE in order: required, optional, and nothing left over. */
import type { DerNode } from "./reader.ts";

export class DerFields {
  readonly #node: DerNode;
  readonly #what: string;
  readonly #members: DerNode[];
  #at = 0;

  constructor(node: DerNode, what: string, tag = 0x30) {
    this.#node = node.expect(tag, what);
    this.#what = what;
    this.#members = node.children();
  }

  /** Tag of the next member, or -1 at the end. */
  get peek(): number {
    return this.#members[this.#at]?.tag ?? -1;
  }

  next(name: string, tag?: number): DerNode {
    const member = this.#members[this.#at++];
    if (member === undefined) this.#node.fail(`${this.#what}: ${name} is missing`);
    return tag === undefined ? member : member.expect(tag, `${this.#what}.${name}`);
  }

  optional(tag: number): DerNode | undefined {
    return this.peek === tag ? this.#members[this.#at++] : undefined;
  }

  /** The one element within an EXPLICIT tag, when present. */
  explicit(tag: number, name: string): DerNode | undefined {
    const wrapper = this.optional(tag);
    if (wrapper === undefined) return undefined;
    const members = wrapper.children();
    if (members.length !== 1) wrapper.fail(`${this.#what}.${name}: expected one element, got ${members.length}`);
    return members[0];
  }

  end(): void {
    if (this.#at < this.#members.length) this.#node.fail(`${this.#what}: member ${this.#at + 1} is not expected here`);
  }
}
