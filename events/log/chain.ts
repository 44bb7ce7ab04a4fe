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
export const chainHash = ({ event, ...link }: Link): string => linkHash({ ...link, sha256: sha256Hex(event) });

/** The same from the SHA-256 of the event, lower-case hex: all that is left where retention removed it. */
export const linkHash = ({
  tenant,
  lane,
  seq,
  prev,
  sha256,
}: Omit<Link, "event"> & { readonly sha256: string }): string =>
  sha256Hex(`${domain}\n${tenant}\n${lane}\n${seq}\n${prev}\n${sha256}`);
