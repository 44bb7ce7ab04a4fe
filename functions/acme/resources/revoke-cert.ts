/** RFC 8555 7.6: by the account that it was issued to, one that is authorized for all its names, or its own key. */
import { revocationReasons } from "#shared/contracts/api/certificates";
import * as z from "zod";
import {
  acmeAuthorizedNameId,
  acmeObjectId,
  type AcmeIdentifier,
} from "#shared/domain/acme-authorization/acme-authorization";
import { acmeAuthorizationStatus } from "#shared/domain/acme-authorization/decide";
import { certificateId } from "#shared/domain/certificate/certificate";
import { sha256Hex } from "#shared/crypto/hash";
import type { Answer } from "#shared/http/answer";
import { base64url, fromBase64url, sameBytes } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { type Certificate, parseCertificate } from "#shared/pki/certificate";
import { type ReasonName, reasonCodes } from "#shared/pki/reason";
import { findIssuer } from "#shared/usecases/all-issuers";
import { issuerMaterial } from "#shared/usecases/issuer-material";
import type { Present } from "#shared/usecases/load";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { judging } from "../authorizations.ts";
import { provable } from "../identifiers.ts";
import { issuedTo } from "../issued-to.ts";
import { jsonPayload } from "../payload.ts";
import { AcmeError } from "../problem.ts";
import { accountCall, accountSubject, type KeyContext } from "../resource.ts";

const revocation = z.object({ certificate: z.string().max(90_000), reason: z.number().optional() });

/** What a subscriber may say; the others are about CAs and delta CRLs, or would be taken back (RFC 5280 5.3.1). */
const allowedReasons: readonly ReasonName[] = revocationReasons;

export async function revokeCert(context: KeyContext): Promise<Answer> {
  const { deps, account, key } = context;
  const asked = jsonPayload(revocation, context.payload);
  const reason = reasonOf(asked.reason ?? 0);
  const presented = presentedCertificate(asked.certificate);
  const certificate = await recorded(context, presented);
  if (account === undefined ? !sameBytes(presented.spki, key.spki) : !(await mayRevoke(context, account, certificate)))
    throw new AcmeError(
      "unauthorized",
      "sign with the account that it was issued to, one that is authorized for all its names, or its own key",
    );
  const revoked = (): AcmeError => new AcmeError("alreadyRevoked", "the certificate was revoked before");
  if (certificate.state.revoked_at !== null) throw revoked();
  const subject = account === undefined ? `acme:certificate/${certificate.id}` : accountSubject(account.id);
  const call = accountCall(context, account?.id ?? "", ["certs:issue"]);
  try {
    await revokeCertificate(deps, { ...call, principal: { ...call.principal, subject } }, certificate.id, reason);
  } catch (error) {
    if (error instanceof Failure && error.code === "conflict") throw revoked();
    throw error;
  }
  return { status: 200, headers: {}, body: null };
}

function reasonOf(code: number): ReasonName {
  const name = allowedReasons.find((allowed) => reasonCodes[allowed] === code);
  if (name !== undefined) return name;
  const served = allowedReasons.map((allowed) => `${reasonCodes[allowed]} ${allowed}`).join(", ");
  throw new AcmeError("badRevocationReason", `reason ${code} is not served; these are: ${served}`);
}

function presentedCertificate(text: string): Certificate {
  const der = fromBase64url(text);
  if (base64url(der) !== text) throw new AcmeError("malformed", "certificate: not base64url without padding");
  return parseCertificate(der);
}

/** @throws Failure `not_found` for what this endpoint did not issue, byte for byte */
async function recorded({ deps, endpoint }: KeyContext, presented: Certificate): Promise<Present<"certificate">> {
  const { tenant, label } = endpoint;
  const issuer = await findIssuer(deps, tenant, ({ id, state }) =>
    sameBytes(issuerMaterial(id, state).subjectDer, presented.issuerDer),
  );
  const found = issuer && (await deps.log.load(tenant, "certificate", certificateId(issuer.id, presented.serialHex)));
  if (found?.state?.endpoint !== label || found.state.fingerprint !== sha256Hex(presented.der))
    throw new Failure("not_found", "certificate: this endpoint issued no such certificate");
  return found as Present<"certificate">;
}

async function mayRevoke(
  context: KeyContext,
  account: Present<"acme-account">,
  certificate: Present<"certificate">,
): Promise<boolean> {
  const { deps, endpoint } = context;
  if ((await issuedTo(deps, endpoint.tenant, certificate)) === accountSubject(account.id)) return true;
  // Where nothing is proven an authorization says nothing about who holds the name.
  if (!endpoint.state.validate_names) return false;
  const held = await Promise.all(certificate.state.sans.map((name) => holds(context, account.id, name)));
  return held.length > 0 && held.every(Boolean);
}

/** @param name `dns:…` or `ip:…` */
async function holds(context: KeyContext, account: string, name: string): Promise<boolean> {
  const { deps, endpoint } = context;
  const at = name.indexOf(":");
  const { identifier, wildcard } = provable({
    type: name.slice(0, at) as AcmeIdentifier["type"],
    value: name.slice(at + 1),
  });
  const known = await deps.log.load(
    endpoint.tenant,
    "acme-authorized-name",
    acmeAuthorizedNameId(account, identifier, wildcard),
  );
  const id = known.state?.authorization ?? null;
  if (id === null) return false;
  const { state } = await deps.log.load(endpoint.tenant, "acme-authorization", acmeObjectId(account, id));
  return state !== undefined && acmeAuthorizationStatus(state, judging(context)) === "valid";
}
