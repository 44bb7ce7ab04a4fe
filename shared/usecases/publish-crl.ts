/** A CRL of one shard: signed, stored under a name of its own, then made the current one by its event. */
import { sha256Hex, sha256Parts } from "#shared/crypto/hash";
import { crlId } from "#shared/domain/crl/crl";
import { Failure } from "#shared/kernel/failure";
import { assembleSigned } from "#shared/pki/certificate";
import { buildTbsCertList, type CrlEntrySpec, parseTbsCertList } from "#shared/pki/crl";
import type { ReasonName } from "#shared/pki/reason";
import { blobKey } from "#shared/ports/blob";
import type { Signed } from "#shared/ports/signer";
import { change } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";
import { type IssuerMaterial, issuerMaterial } from "./issuer-material.ts";
import { existing, type Present } from "./load.ts";
import { isoTime } from "./signed-certificate.ts";

export const crlValidityMs = 7 * 86_400_000;
const pageSize = 1000;
const maxNumbersSkipped = 5;

export async function publishCrl(deps: Deps, call: Call, issuerIdentifier: string, shard: number): Promise<void> {
  const { tenant } = call.principal;
  const issuer = await existing(deps, tenant, "issuer", issuerIdentifier);
  const material = issuerMaterial(issuer.id, issuer.state);
  const before = await deps.log.load(tenant, "crl", crlId(issuer.id, shard));
  const entries = await entriesOf(deps, tenant, issuer.id, shard);
  const signed = await signNext(deps, tenant, { issuer, material, shard, entries, after: before.state?.number ?? 0 });
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
    blob,
    sha256: sha256Hex(der),
    tbs_sha256: sha256Hex(signed.tbs),
  };
  const current = await deps.log.load(tenant, "crl", crlId(issuer.id, shard));
  // A higher number was signed after this one, and the signer lets no entry vanish: it says all that this one says.
  if ((current.state?.number ?? 0) >= number) return;
  await change(deps, call, async () => ({
    stream: await deps.log.load(tenant, "crl", crlId(issuer.id, shard)),
    event: { type: "crl.published", data },
  }));
  if (current.state !== undefined && current.state.blob !== blob) await deps.blob.delete(current.state.blob);
}

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
  readonly after: number;
}

/**
 * The operation is the number. A number that was signed before with the same entries comes back from the journal; with
 * other entries the signer refuses it, and the next number is taken (the reconciler records the one that nobody saw).
 */
async function signNext(
  deps: Deps,
  tenant: string,
  { issuer, material, shard, entries, after }: NextCrl,
): Promise<Signed> {
  const requestHash = sha256Parts("trstctl/crl/1", issuer.id, String(shard), ...entries.map(({ serial }) => serial));
  for (let number = after + 1; ; number++) {
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
      if (!(error instanceof Failure && error.code === "guard_refused") || number - after >= maxNumbersSkipped)
        throw error;
    }
  }
}
