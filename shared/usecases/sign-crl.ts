import { sha256Hex, sha256Parts } from "#shared/crypto/hash";
import { crlId, lastCrlNumber } from "#shared/domain/crl/crl";
import { Failure } from "#shared/kernel/failure";
import { buildTbsCertList, parseTbsCertList, type TbsCertList } from "#shared/pki/crl";
import { lintTbsCertList } from "#shared/pki/lint/registry";
import { isRefusal, type Signed } from "#shared/ports/signer";
import { crlValidityMs, deltaValidityMs } from "./crl-freshness.ts";
import type { Deps } from "./deps.ts";
import { issuerMaterial } from "./issuer-material.ts";
import { assertLintFree, assertShapeLintFree, readBuilt } from "./lint-before-signing.ts";
import type { Present } from "./load.ts";

/** What was built here: its entries are known and are not read. */
export const readOwnCrl = (tbs: Uint8Array): TbsCertList => parseTbsCertList(tbs, undefined, ({ list }) => list.length);

/** The signer lets a number jump by at most 1,000. */
const maxStep = 900;
const maxSkipped = 100_000;

export interface NextCrl {
  readonly issuer: Present<"issuer">;
  readonly shard: number;
  /** Entries, DER, one after another. */
  readonly encoded: Uint8Array;
  /** Octets at its start that were linted for an earlier CRL, whole entries. */
  readonly known: number;
  /** The last number in the state that `encoded` was made from. */
  readonly last: number;
  /** The number to try first. */
  readonly first: number;
  /** Makes it a delta CRL on this one. */
  readonly base?: number;
}

/**
 * The operation is the number. A number that was signed before with the same entries comes back from the journal; with
 * other entries, or below what was signed before, the signer refuses it and a higher one is tried (the reconciler records
 * those that nobody saw), unless another process has published meanwhile: `conflict`. The steps grow, because an outage may have cost many numbers.
 */
export async function signNextCrl(
  deps: Deps,
  tenant: string,
  { issuer, shard, encoded, known, last, first, base }: NextCrl,
): Promise<Signed> {
  const material = issuerMaterial(issuer.id, issuer.state);
  const kind = base === undefined ? "crl" : "crl-delta";
  const validityMs = base === undefined ? crlValidityMs : deltaValidityMs;
  const requestHash = sha256Parts(
    `trstctl/${kind}/2`,
    issuer.id,
    String(shard),
    String(base ?? ""),
    sha256Hex(encoded),
  );
  for (let step = 0; ; step = step === 0 ? 1 : Math.min(step * 2, step + maxStep)) {
    const number = first + step;
    const thisUpdateMs = Math.floor(deps.clock.now() / 1000) * 1000;
    const tbs = buildTbsCertList({
      signatureAlgorithm: material.signatureAlgorithm,
      issuerNameDer: material.subjectDer,
      thisUpdateMs,
      nextUpdateMs: thisUpdateMs + validityMs,
      number,
      authorityKeyId: material.keyId,
      distributionPointUrl: material.crlUrl(shard),
      ...(base === undefined ? { freshestCrlUrl: material.deltaCrlUrl(shard) } : { baseCrlNumber: base }),
      encoded,
      entries: [],
    });
    const refusal = { what: `${kind} ${number} of issuer ${issuer.id}` };
    const built = readBuilt(() => parseTbsCertList(tbs, undefined, () => known), refusal);
    const lintKind = base === undefined ? "crl" : "delta-crl";
    assertLintFree(lintTbsCertList(built, lintKind, { issuer: material.certificate }), refusal);
    const { signatureAlgorithm } = material;
    await assertShapeLintFree(`${kind}/${issuer.id}`, { ...refusal, kind: lintKind, tbs, signatureAlgorithm });
    try {
      const signed = await deps.signer.sign({
        opId: `${kind}/${issuer.id}/${shard}/${number}`,
        tenant,
        handle: issuer.state.handle,
        type: "crl",
        profile: "-",
        requestHash,
        tbs,
      });
      // An old one from the journal is of no use when it is nearly over.
      if (signed.tbs === tbs || endsAfter(signed, thisUpdateMs + validityMs / 2)) return signed;
    } catch (error) {
      if (step > maxSkipped || !isRefusal(error, "numberTaken", "signedBefore")) throw error;
      const { state } = await deps.log.load(tenant, "crl", crlId(issuer.id, shard));
      if (lastCrlNumber(state) !== last) throw new Failure("conflict", "another process published this CRL meanwhile");
    }
  }
}

const endsAfter = ({ tbs }: Signed, momentMs: number): boolean => readOwnCrl(tbs).nextUpdateMs > momentMs;
