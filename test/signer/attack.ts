/** Attacks as tables: each row is one request to a real signer and the reason for which it is refused and journalled. */
import { test } from "vitest";
import type { SignedType, SignRequest } from "#shared/ports/signer";
import {
  type Chain,
  expectRefused,
  makeChain,
  openWorkshop,
  request,
  spec,
  type Workshop,
} from "#test/signer/workshop";

export interface Attack {
  readonly what: string;
  readonly reason: RegExp;
  readonly code?: "guard_refused" | "malformed";
  readonly type?: SignedType;
  readonly handle: string;
  readonly over?: Partial<SignRequest>;
  readonly tbs: () => Uint8Array | Promise<Uint8Array>;
}

/** What an attack is aimed at: the chain of tenant `acme`, keys of another tenant, and keys that are certified for nothing. */
export interface Target {
  readonly workshop: Workshop;
  readonly chain: Chain;
  /** SubjectPublicKeyInfo of a key by its handle. */
  spkiOf(handle: string, tenant?: string): Uint8Array;
}

export async function openTarget(): Promise<Target> {
  const workshop = await openWorkshop();
  const chain = await makeChain(workshop);
  await workshop.service.generateKey(spec({ tenant: "other" }));
  await workshop.service.generateKey(spec({ tenant: "other", handle: "theirs", purpose: "issuing-ca" }));
  await workshop.service.generateKey(spec({ handle: "ocsp2", purpose: "ocsp", limits: { issuerHandle: "open" } }));
  await workshop.service.generateKey(spec({ handle: "bare", purpose: "issuing-ca" }));
  return {
    workshop,
    chain,
    spkiOf(handle, tenant = "acme") {
      const made = workshop
        .entries()
        .find((one) => one.op === "generate" && one.tenant === tenant && one.handle === handle);
      return new Uint8Array(Buffer.from(made?.spki ?? "", "base64"));
    },
  };
}

/** @param target is asked for when the tests run, after `beforeAll` */
export function hold(target: () => Target, attacks: readonly Attack[]): void {
  test.each(attacks)("$what", async ({ type = "certificate", handle, over, tbs, reason, code }) => {
    const attempt = request(type, handle, await tbs(), over);
    await expectRefused(target().workshop, attempt, { reason, ...(code !== undefined && { code }) });
  });
}
