import { Failure } from "#shared/kernel/failure";
import type { Certificate, CertificateEvent } from "./certificate.ts";

/** @throws Failure `conflict` when it is revoked already or is a CA certificate (those go with their issuer). */
export function decideRevokeCertificate(
  certificate: Certificate,
  command: { readonly reason: string },
): CertificateEvent {
  if (certificate.kind === "ca")
    throw new Failure(
      "conflict",
      "this is a CA certificate: retire its issuer, so that nothing more is issued under it",
      { field: "id" },
    );
  if (certificate.status === "revoked") {
    throw new Failure("conflict", `the certificate was revoked at ${certificate.revoked_at} (${certificate.reason})`, {
      field: "id",
    });
  }
  const { issuer, serial, shard, not_after } = certificate;
  return { type: "certificate.revoked", data: { issuer, serial, shard, reason: command.reason, not_after } };
}
