/** crlStatusList (RFC 9810 5.3.19.16, RFC 9483 4.3.4): CRLs that are newer than those that the requester has. */
import { crlId } from "#shared/domain/crl/crl";
import { sameBytes } from "#shared/kernel/bytes";
import { infoTypeDer } from "#shared/pki/cmp/info-type";
import { DerFields } from "#shared/pki/der/fields";
import { type DerNode, readTime } from "#shared/pki/der/reader";
import { sequenceOf } from "#shared/pki/der/writer";
import { fullNameUrls } from "#shared/pki/extension-values";
import { issuerMaterial } from "#shared/usecases/issuer-material";
import type { Exchange } from "../exchange.ts";
import { refuse } from "../refusal.ts";

/** Longer ones are for the URL in the certificate. */
const maxAnswerBytes = 1024 * 1024;
const maxSources = 16;

interface Source {
  /** Undefined: all of the issuer's. */
  readonly shard: number | undefined;
  readonly thisUpdateMs: number | undefined;
}

export async function currentCrls(exchange: Exchange, value: DerNode | undefined): Promise<Uint8Array> {
  const entries = value?.expect(0x30, "crlStatusList").children() ?? [];
  if (entries.length === 0 || entries.length > maxSources)
    throw refuse("badDataFormat", `crlStatusList names 1 to ${maxSources} CRLs, not ${entries.length}`);
  const found: Uint8Array[] = [];
  let bytes = 0;
  for (const entry of entries)
    for (const der of await newer(exchange, readStatus(exchange, entry))) {
      bytes += der.length;
      if (bytes > maxAnswerBytes)
        throw refuse("badRequest", "the CRLs are too long for a message; fetch them from the URLs in the certificates");
      found.push(der);
    }
  return found.length === 0 ? infoTypeDer("crls") : infoTypeDer("crls", sequenceOf(found));
}

/** CRLStatus. */
function readStatus({ issuer }: Exchange, node: DerNode): Source {
  const { subjectDer, crlUrl } = issuerMaterial(issuer.id, issuer.state);
  const fields = new DerFields(node, "CRLStatus");
  const source = fields.next("source");
  const time = fields.peek === -1 ? undefined : readTime(fields.next("thisUpdate"), "thisUpdate");
  fields.end();
  const unknown = () => refuse("badCertId", "crlStatusList: not a CRL of the CA behind this endpoint");
  const [inner] = source.constructed ? source.children() : [];
  if (inner === undefined) throw unknown();
  if (source.tag === 0xa1) {
    // GeneralNames: the tag in between is explicit or not, by the module that one reads (RFC 9810 F).
    const name = inner.tag === 0x30 ? inner.children()[0] : inner;
    const directory = name?.tag === 0xa4 ? name.children()[0] : undefined;
    if (directory === undefined || !sameBytes(directory.raw, subjectDer)) throw unknown();
    return { shard: undefined, thisUpdateMs: time };
  }
  if (source.tag !== 0xa0) throw unknown();
  for (const url of fullNameUrls(inner)) {
    const shard = Number(/\/(\d{1,4})\.crl$/.exec(url)?.[1] ?? Number.NaN);
    if (Number.isInteger(shard) && crlUrl(shard) === url) return { shard, thisUpdateMs: time };
  }
  throw unknown();
}

async function newer({ deps, endpoint, issuer }: Exchange, { shard, thisUpdateMs }: Source): Promise<Uint8Array[]> {
  const out: Uint8Array[] = [];
  const last = shard ?? maxSources - 1;
  for (let number = shard ?? 0; number <= last; number++) {
    const { state } = await deps.log.load(endpoint.tenant, "crl", crlId(issuer.id, number));
    if (state === undefined) break; // shards are opened one after another
    if (thisUpdateMs !== undefined && Date.parse(state.this_update) <= thisUpdateMs) continue;
    const der = await deps.blob.get(state.blob);
    if (der === undefined) throw refuse("systemUnavail", "the CRL is being published anew; ask again");
    out.push(der);
  }
  return out;
}
