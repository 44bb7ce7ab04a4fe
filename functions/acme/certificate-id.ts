/** How ARI names a certificate (RFC 9773 4.1): base64url of the issuer's key identifier, a dot, base64url of the serial. */
import { base64url, fromBase64url, hex, sameBytes } from "#shared/kernel/bytes";
import { certificateId } from "#shared/domain/certificate/certificate";
import { Failure } from "#shared/kernel/failure";
import { allIssuers } from "#shared/usecases/all-issuers";
import type { Deps } from "#shared/usecases/deps";
import { issuerMaterial } from "#shared/usecases/issuer-material";
import type { Present } from "#shared/usecases/load";

interface AriId {
  readonly keyId: Uint8Array;
  /** Lower-case hex without leading zero octets. */
  readonly serial: string;
}

/** @throws Failure `malformed` */
export function parseAriId(text: string): AriId {
  const parts = text.split(".");
  const octets = parts.map((part) => fromBase64url(part));
  const [keyId, serial] = octets;
  const exact = parts.length === 2 && octets.every((bytes, at) => bytes.length > 0 && base64url(bytes) === parts[at]);
  if (!exact || keyId === undefined || serial === undefined)
    throw new Failure("malformed", "not base64url(keyIdentifier).base64url(serial) without padding (RFC 9773 4.1)");
  return { keyId, serial: hex(serial).replace(/^(00)+(?=..)/, "") };
}

export interface Found {
  readonly certificate: Present<"certificate">;
  readonly issuer: Present<"issuer">;
}

/** Among those that came through this endpoint. */
export async function certificateOfAriId(
  deps: Pick<Deps, "log">,
  { tenant, label }: { readonly tenant: string; readonly label: string },
  { keyId, serial }: AriId,
): Promise<Found | undefined> {
  for await (const issuer of allIssuers(deps as Deps, tenant)) {
    if (!sameBytes(issuerMaterial(issuer.id, issuer.state).keyId, keyId)) continue;
    const certificate = await deps.log.load(tenant, "certificate", certificateId(issuer.id, serial));
    if (certificate.state?.endpoint === label) return { certificate: certificate as Present<"certificate">, issuer };
  }
  return undefined;
}
