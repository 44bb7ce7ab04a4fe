/** The audit chain (I3). What is hashed is fixed for ever; another rule is another domain string. */
import { sha256Hex } from "#shared/crypto/hash";

const domain = "trstctl/event/1";

export interface Link {
  readonly tenant: string;
  readonly lane: number;
  readonly seq: number;
  /** Hash of the event before it in the lane, lower-case hex; empty for the first. */
  readonly prev: string;
  /** The event exactly as stored. */
  readonly event: string;
}

/**
 * SHA-256(domain ‖ tenant ‖ lane ‖ seq ‖ hash of the one before ‖ SHA-256(event bytes)), lower-case hex.
 * The parts are joined by line feeds, which none of them can contain.
 */
export const chainHash = ({ tenant, lane, seq, prev, event }: Link): string =>
  sha256Hex(`${domain}\n${tenant}\n${lane}\n${seq}\n${prev}\n${sha256Hex(event)}`);
