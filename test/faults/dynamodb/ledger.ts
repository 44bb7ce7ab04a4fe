/** What clients asked for and were told, and what the receivers got. */
import type { Op } from "./work.ts";

export class Ledger {
  readonly #ops = new Map<string, Op>();
  readonly #told = new Set<string>();
  readonly #received = new Map<string, number>();

  asked(op: Op): void {
    this.#ops.set(op.key, op);
  }

  told(op: Op): void {
    this.#told.add(op.key);
  }

  knows(key: string): boolean {
    return this.#ops.has(key);
  }

  acknowledged(tenant: string): Op[] {
    return [...this.#ops.values()].filter((op) => op.tenant === tenant && this.#told.has(op.key));
  }

  get count(): number {
    return this.#told.size;
  }

  receive(id: string): void {
    this.#received.set(id, this.received(id) + 1);
  }

  received(id: string): number {
    return this.#received.get(id) ?? 0;
  }

  /** Deliveries of what the receiver already had: it knows them by their id. */
  get repeated(): number {
    return [...this.#received.values()].reduce((sum, times) => sum + times - 1, 0);
  }
}
