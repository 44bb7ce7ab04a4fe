/** A CRL of one shard: signed, stored under a name of its own, then made the current one by its event. */
import { sha256Hex, sha256Parts } from "#shared/crypto/hash";
import { type Crl, crlId } from "#shared/domain/crl/crl";
import { Failure, isFailure } from "#shared/kernel/failure";
import { assembleSigned } from "#shared/pki/certificate";
import { buildTbsCertList, type CrlEntrySpec, parseTbsCertList } from "#shared/pki/crl";
import { lintTbsCertList } from "#shared/pki/lint/registry";
import type { ReasonName } from "#shared/pki/reason";
import { blobKey } from "#shared/ports/blob";
import type { Signed } from "#shared/ports/signer";
import { change } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";
import { type IssuerMaterial, issuerMaterial } from "./issuer-material.ts";
import { assertLintFree, assertShapeLintFree, readBuilt } from "./lint-before-signing.ts";
import { existing, type Present } from "./load.ts";
import { isoTime } from "./signed-certificate.ts";

const crlValidityMs = 7 * 86_400_000;

/** A CRL with less than this left is published anew. */
const crlRenewMs = 86_400_000;
const pageSize = 1000;
/** The signer lets a number jump by at most 1,000. */
const maxStep = 900;
const maxSkipped = 100_000;

export async function publishCrl(deps: Deps, call: Call, issuerIdentifier: string, shard: number): Promise<void> {
  const { tenant } = call.principal;
  const issuer = await existing(deps, tenant, "issuer", issuerIdentifier);
  const material = issuerMaterial(issuer.id, issuer.state);
  const id = crlId(issuer.id, shard);
  const before = await deps.log.load(tenant, "crl", id);
  const entries = await entriesOf(deps, tenant, issuer.id, shard);
  const entries_sha256 = hashOf(entries);
  // A burst of revocations asks once for each; the first CRL that holds them all answers them all.
  if (before.state?.entries_sha256 === entries_sha256 && (await isFresh(deps, before.state))) return;
  const signed = await signNext(deps, tenant, {
    issuer,
    material,
    shard,
    entries,
    entries_sha256,
    after: Math.max(before.state?.number ?? 0, await numbersFrom(deps, tenant)),
  });
  const crl = parseTbsCertList(signed.tbs);
  const der = assembleSigned(signed.tbs, material.signatureAlgorithm, signed.signature);
  const number = Number(crl.number);
  const blob = blobKey(tenant, "crl", `${issuer.id}/${shard}/${number}.crl`);
  await deps.blob.put(blob, der);
  const data = {
    issuer: issuer.id,
    shard,
    number,
    this_update: isoTime(crl.thisUpdateMs),
    next_update: isoTime(crl.nextUpdateMs),
    entries: crl.entries.length,
    entries_sha256,
    blob,
    sha256: sha256Hex(der),
    tbs_sha256: sha256Hex(signed.tbs),
  };
  // A higher number was signed after this one, and the signer lets no entry vanish: it says all that this one says.
  const overtaken = new Failure("conflict", "a newer CRL was published meanwhile");
  let last: Crl | undefined;
  try {
    await change(deps, call, async () => {
      const stream = await deps.log.load(tenant, "crl", id);
      last = stream.state;
      if ((last?.number ?? 0) >= number) throw overtaken;
      return { stream, event: { type: "crl.published", data } };
    });
  } catch (error) {
    if (error === overtaken) return;
    throw error;
  }
  if (last !== undefined) await deps.blob.delete(last.blob);
}

/** In force, far from its end, and its bytes are where its state says. After the clock was set back it may lie in the future. */
export const isFresh = async (deps: Deps, crl: Crl): Promise<boolean> =>
  Date.parse(crl.this_update) <= deps.clock.now() &&
  Date.parse(crl.next_update) - deps.clock.now() > crlRenewMs &&
  (await deps.blob.get(crl.blob)) !== undefined;

/**
 * After a restore numbers go on from its moment in milliseconds: higher than any that was given after the backup (RFC 5280
 * 5.2.3: they rise for ever). The signer holds to the same.
 */
async function numbersFrom(deps: Deps, tenant: string): Promise<number> {
  const { state } = await deps.log.load(tenant, "tenant", tenant);
  return state?.restored_at === undefined ? 0 : Date.parse(state.restored_at);
}

const hashOf = (entries: readonly CrlEntrySpec[]): string =>
  sha256Parts(
    "trstctl/crl-entries/1",
    ...entries.map(({ serial, revokedAtMs, reason }) => `${String(serial)} ${revokedAtMs} ${reason}`),
  );

async function entriesOf(deps: Deps, tenant: string, issuer: string, shard: number): Promise<CrlEntrySpec[]> {
  const entries: CrlEntrySpec[] = [];
  const partition = crlId(issuer, shard);
  let after: string | undefined;
  do {
    const page = await deps.log.list(tenant, "revocation", { partition, limit: pageSize, after });
    for (const { id, state } of page.items) {
      entries.push({
        serial: id.slice(partition.length + 1),
        revokedAtMs: Date.parse(state.revoked_at),
        reason: state.reason as ReasonName,
      });
    }
    after = page.cursor;
  } while (after !== undefined);
  return entries;
}

interface NextCrl {
  readonly issuer: Present<"issuer">;
  readonly material: IssuerMaterial;
  readonly shard: number;
  readonly entries: readonly CrlEntrySpec[];
  readonly entries_sha256: string;
  readonly after: number;
}

/**
 * The operation is the number. A number that was signed before with the same entries comes back from the journal; with
 * other entries, or below what was signed before, the signer refuses it and a higher one is tried (the reconciler records
 * those that nobody saw). The steps grow, because an outage may have cost many numbers.
 */
async function signNext(deps: Deps, tenant: string, next: NextCrl): Promise<Signed> {
  const { issuer, material, shard, entries, entries_sha256, after } = next;
  const requestHash = sha256Parts("trstctl/crl/1", issuer.id, String(shard), entries_sha256);
  for (let step = 1; ; step = Math.min(step * 2, step + maxStep)) {
    const number = after + step;
    const thisUpdateMs = Math.floor(deps.clock.now() / 1000) * 1000;
    const tbs = buildTbsCertList({
      signatureAlgorithm: material.signatureAlgorithm,
      issuerNameDer: material.subjectDer,
      thisUpdateMs,
      nextUpdateMs: thisUpdateMs + crlValidityMs,
      number,
      authorityKeyId: material.keyId,
      distributionPointUrl: material.crlUrl(shard),
      entries,
    });
    const refusal = { what: `CRL ${number} of issuer ${issuer.id}` };
    const built = readBuilt(() => parseTbsCertList(tbs), refusal);
    assertLintFree(lintTbsCertList(built, "crl", { issuer: material.certificate }), refusal);
    const { signatureAlgorithm } = material;
    await assertShapeLintFree(`crl/${issuer.id}`, { ...refusal, kind: "crl", tbs, signatureAlgorithm });
    try {
      const opId = `crl/${issuer.id}/${shard}/${number}`;
      const signed = await deps.signer.sign({
        opId,
        tenant,
        handle: issuer.state.handle,
        type: "crl",
        profile: "-",
        requestHash,
        tbs,
      });
      // An old one from the journal is of no use when it is nearly over.
      if (parseTbsCertList(signed.tbs).nextUpdateMs - thisUpdateMs > crlValidityMs / 2) return signed;
    } catch (error) {
      if (!isFailure(error, "guard_refused") || step > maxSkipped) throw error;
    }
  }
}
