/** What the clients know: everything that the installation said yes to, and what they never heard about. */
import type { Json } from "./api.ts";

/** A request under one Idempotency-Key, however often it was sent. */
export interface Mutation {
  readonly key: string;
  readonly path: string;
  readonly body: object;
  /** Of the certificate that it asks for; no other request has it. */
  readonly name: string | undefined;
  /** The resource of the first yes. */
  acknowledged: string | undefined;
}

export interface Certificate {
  readonly id: string;
  readonly name: string;
  readonly serial: string;
  /** The identity that it was minted for, which is revoked with it. */
  readonly identity: string | undefined;
  /** Whether it was revoked: `unknown` while a revocation was asked for and nobody said yes. */
  revoked: "no" | "unknown" | "yes";
  /** Round of its last change. */
  round: number;
}

export interface Identity {
  readonly id: string;
  /** Each may be its state now: one, or two while a transition was asked for and nobody said yes. */
  states: readonly string[];
  round: number;
}

export interface Ledger {
  round: number;
  readonly mutations: Mutation[];
  readonly certificates: Map<string, Certificate>;
  readonly identities: Map<string, Identity>;
  /** Names of certificates whose request was given up without an answer. */
  readonly abandoned: Set<string>;
  acknowledged(): number;
  /** @param certificate as the API shows it */
  issued(certificate: Json, name: string, identity?: string): Certificate;
}

export function createLedger(): Ledger {
  const mutations: Mutation[] = [];
  const certificates = new Map<string, Certificate>();
  const ledger: Ledger = {
    round: 0,
    mutations,
    certificates,
    identities: new Map(),
    abandoned: new Set(),
    acknowledged: () => mutations.filter(({ acknowledged }) => acknowledged !== undefined).length,
    issued(shown, name, identity) {
      const { id, serial } = shown as { id: string; serial: string };
      const certificate: Certificate = certificates.get(id) ?? {
        id,
        name,
        serial,
        identity,
        revoked: "no",
        round: ledger.round,
      };
      certificates.set(id, certificate);
      return certificate;
    },
  };
  return ledger;
}
