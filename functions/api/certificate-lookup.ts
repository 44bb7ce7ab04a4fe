/** What a search may name exactly: an id or a serial number. Each is read at its place, nothing is gone through. */
import { certificateId } from "#shared/domain/certificate/certificate";
import { Failure } from "#shared/kernel/failure";
import { allIssuers } from "#shared/usecases/all-issuers";
import type { FunctionDeps } from "../function.ts";

export type Wanted = {
  /** It is hardly the beginning of a name. */
  readonly surely: boolean;
} & (
  | { readonly by: "id"; readonly id: string }
  /** Each reading of what was typed, as ids have them. */
  | { readonly by: "serial"; readonly serials: readonly string[] }
);

/** How openssl and others head what they print, and `0x`. */
const heading = /^(?:serial(?:number)?|sha-?256(?: fingerprint)?)\s*[=:]\s*|^0x/;
const pairs = /^[0-9a-f]{2}(?:[: ][0-9a-f]{2})+$/;
/** RFC 5280 4.1.2.2: at most 20 octets. */
const mostSerialDigits = 40;
const mostDecimalDigits = 49;
/** Of SHA-1 there are 40, which may be a serial number. */
const sha256Digits = 64;

/**
 * @param text as somebody pasted it
 * @returns undefined: it names nothing exactly
 * @throws Failure `invalid_field` for a fingerprint
 */
export function wantedBy(text: string): Wanted | undefined {
  const lower = text.trim().toLowerCase();
  if (/^[a-z2-7]{20}-([0-9a-f]{2}){1,20}$/.test(lower)) return { by: "id", id: lower, surely: true };
  const bare = lower.replace(heading, "");
  const digits = pairs.test(bare) ? bare.replace(/[: ]/g, "") : bare;
  if (!/^[0-9a-f]+$/.test(digits)) return undefined;
  if (digits.length === sha256Digits)
    throw new Failure(
      "invalid_field",
      "this is a SHA-256 fingerprint, by which certificates are not found; search for the serial number, which stands beside it wherever a certificate is shown",
      { field: "q" },
    );
  const serials = [
    ...(digits.length <= mostSerialDigits ? [inOctets(digits)] : []),
    ...(digits === lower && /^\d+$/.test(digits) && digits.length <= mostDecimalDigits
      ? [inOctets(BigInt(digits).toString(16))]
      : []),
  ].filter((serial) => serial !== "" && serial.length <= mostSerialDigits);
  if (serials.length === 0) return undefined;
  return { by: "serial", serials: [...new Set(serials)], surely: digits !== lower };
}

/** As ids have serial numbers: whole octets, no leading zero ones. */
function inOctets(hex: string): string {
  const bare = hex.replace(/^0+/, "");
  return bare.length % 2 === 0 ? bare : `0${bare}`;
}

/** Ids of certificates that there may be: a serial number's is one at each of the tenant's issuers. */
export async function idsOf(deps: FunctionDeps, tenant: string, wanted: Wanted): Promise<readonly string[]> {
  switch (wanted.by) {
    case "id":
      return [wanted.id];
    case "serial": {
      const ids: string[] = [];
      for await (const { id } of allIssuers(deps, tenant))
        ids.push(...wanted.serials.map((serial) => certificateId(id, serial)));
      return ids;
    }
  }
}
