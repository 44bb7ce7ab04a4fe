/** Certificates that a client shows: the tenant's own, in force. */
import { sha256Hex } from "#shared/crypto/hash";
import { certificateId } from "#shared/domain/certificate/certificate";
import { sameBytes } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { parseCertificate } from "#shared/pki/certificate";
import { allIssuers } from "./all-issuers.ts";
import type { Deps } from "./deps.ts";
import type { Endpoint } from "./enrolment-endpoints.ts";
import { issuerMaterial } from "./issuer-material.ts";
import { existing, type Present } from "./load.ts";

/**
 * The certificate in the inventory. Whoever shows it has proven its key elsewhere (TLS handshake, signature), and may have
 * what it names renewed, nothing else: pass it to `enrol` as `renews`.
 * @param der X.509
 * @throws Failure `unauthenticated`, one message for foreign, unknown, expired and revoked ones
 */
export async function presentedCertificate(
  deps: Pick<Deps, "log" | "clock">,
  endpoint: Endpoint,
  der: Uint8Array,
): Promise<Present<"certificate">> {
  const found = endpoint.state.auth.includes("certificate") ? await inventoried(deps, endpoint.tenant, der) : undefined;
  const now = deps.clock.now();
  if (
    found === undefined ||
    found.state.kind !== "leaf" ||
    found.state.status === "revoked" ||
    Date.parse(found.state.not_before) > now ||
    Date.parse(found.state.not_after) <= now
  )
    throw new Failure(
      "unauthenticated",
      "the certificate opens nothing here: it is not of this endpoint's tenant, has expired or was revoked, or the endpoint takes none; enrol anew",
    );
  return found;
}

/** By issuer, serial and the very bytes. */
async function inventoried(
  deps: Pick<Deps, "log">,
  tenant: string,
  der: Uint8Array,
): Promise<Present<"certificate"> | undefined> {
  const shown = readShown(der);
  if (shown === undefined) return undefined;
  const fingerprint = sha256Hex(der);
  for await (const { id, state } of allIssuers(deps, tenant)) {
    if (!sameBytes(issuerMaterial(id, state).subjectDer, shown.issuerDer)) continue;
    const found = await deps.log.load(tenant, "certificate", certificateId(id, shown.serialHex));
    if (found.state?.fingerprint === fingerprint) return found as Present<"certificate">;
  }
  return undefined;
}

function readShown(der: Uint8Array) {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** @returns what is superseded with it: nothing when it was renewed before. @throws Failure `conflict` when it was revoked */
export async function replacedBy(deps: Deps, tenant: string, id: string): Promise<Present<"certificate"> | undefined> {
  const replaced = await existing(deps, tenant, "certificate", id);
  if (replaced.state.status === "revoked")
    throw new Failure("conflict", "the certificate that this renews was revoked; enrol anew", { field: "csr" });
  return replaced.state.status === "active" ? replaced : undefined;
}
