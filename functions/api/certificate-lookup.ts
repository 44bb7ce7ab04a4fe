/** What a search may name exactly: an id, a fingerprint or a serial number. Each is read at its place, nothing is gone through. */
import { fingerprintPrefix } from "#events/projections/certificate-names";
import { findEntries } from "#events/projections/index-entries";
import { inventory } from "#events/projections/inventory";
import { certificateId } from "#shared/domain/certificate/certificate";
import { allIssuers } from "#shared/usecases/all-issuers";
import type { FunctionDeps } from "../function.ts";

export type Wanted = {
  /** It is hardly the beginning of a name. */
  readonly surely: boolean;
} & (
  | { readonly by: "id"; readonly id: string }
  /** SHA-256 of the DER, lower-case hex. */
  | { readonly by: "fingerprint"; readonly fingerprint: string }
  /** Each reading of what was typed, as ids have them. */
  | { readonly by: "serial"; readonly serials: readonly string[] }
);

/** How openssl and others head what they print, and `0x`. */
const heading = /^(?:serial(?:number)?|sha-?256(?: fingerprint)?)\s*[=:]\s*|^0x/;
const pairs = /^[0-9a-f]{2}(?:[: ][0-9a-f]{2})+$/;
/** RFC 5280 4.1.2.2: at most 20 octets. */
const mostSerialDigits = 40;
const mostDecimalDigits = 49;

/** @param text as somebody pasted it; undefined: it names nothing exactly */
export function wantedBy(text: string): Wanted | undefined {
  const lower = text.trim().toLowerCase();
  if (/^[a-z2-7]{20}-([0-9a-f]{2}){1,20}$/.test(lower)) return { by: "id", id: lower, surely: true };
  const bare = lower.replace(heading, "");
  const digits = pairs.test(bare) ? bare.replace(/[: ]/g, "") : bare;
  if (!/^[0-9a-f]+$/.test(digits)) return undefined;
  if (digits.length === 64) return { by: "fingerprint", fingerprint: digits, surely: true };
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

/**
 * Ids of certificates that there may be: one read of the index for a fingerprint, none for an id; a serial number is one
 * at each of the tenant's issuers.
 */
export async function idsOf(deps: FunctionDeps, tenant: string, wanted: Wanted): Promise<readonly string[]> {
  switch (wanted.by) {
    case "id":
      return [wanted.id];
    case "fingerprint": {
      const from = fingerprintPrefix(wanted.fingerprint);
      const { found } = await findEntries(deps.tables.tenant(tenant), tenant, inventory, {
        from,
        to: `${from}\uffff`,
        limit: 1,
      });
      return found.map(({ id }) => id);
    }
    case "serial": {
      const ids: string[] = [];
      for await (const { id } of allIssuers(deps, tenant))
        ids.push(...wanted.serials.map((serial) => certificateId(id, serial)));
      return ids;
    }
  }
}
