/** What a relying party hears: OCSP answers and the CRL of the issuer, their signatures checked against its certificates. */
import { X509Certificate, verify } from "node:crypto";
import { base64 } from "#shared/kernel/bytes";
import { parseCertificate } from "#shared/pki/certificate";
import { parseCertificateList } from "#shared/pki/crl";
import { sequence } from "#shared/pki/der/writer";
import { certIdFor, parseOcspResponse } from "#shared/pki/ocsp";
import { pemDecode } from "#shared/pki/pem";
import type { Answer, Api, Json } from "./api.ts";
import { wrong } from "./violation.ts";

export type Status = "good" | "revoked" | "unknown";

export interface RelyingParty {
  /** @throws Violation for anything but a signed answer about this certificate */
  ocsp(serial: string): Promise<Status>;
  /** Serial numbers of all its complete and delta CRLs, lower-case hex. */
  crl(): Promise<ReadonlySet<string>>;
}

const tries = 40;

/** Of the one issuer that certificates come from. */
export async function relyingParty(api: Api): Promise<RelyingParty> {
  const { items }: Json = await api.get("/issuers?limit=100");
  const issuer = items.find(({ role }: Json) => role === "issuing");
  const [der] = pemDecode(issuer.certificate, "CERTIFICATE");
  if (der === undefined) return wrong("the tenant's issuer shows no certificate");
  const { subjectDer, spki } = parseCertificate(der);
  const issuerKey = new X509Certificate(der).publicKey;
  /** Each shard has its own; a host that starts takes places of a newer one when an older is full. */
  const crlPath = (shard: number, kind: "" | "-delta"): string => `/crl/${issuer.id}/${shard}${kind}.crl`;

  async function ocsp(serial: string): Promise<Status> {
    const request = sequence(sequence(sequence(sequence(certIdFor(subjectDer, spki, serial, "sha1").der))));
    const path = `/ocsp/${issuer.id}/${encodeURIComponent(base64(request))}`;
    const { basic, status } = parseOcspResponse((await answered(path)).bytes);
    const [single] = basic?.responses ?? [];
    if (basic === undefined || single === undefined) return wrong(`OCSP about ${serial}: ${status}`);
    if (single.certId.serialHex !== serial) wrong(`OCSP about ${serial} speaks of ${single.certId.serialHex}`);
    const [responder] = basic.certificateDers.map((bytes) => new X509Certificate(bytes));
    if (responder === undefined || !responder.verify(issuerKey)) wrong(`OCSP about ${serial}: a foreign responder`);
    if (responder !== undefined && !verify("sha256", basic.tbs, responder.publicKey, basic.signature))
      wrong(`OCSP about ${serial}: the signature does not hold`);
    return single.status.type;
  }

  /** A restart is a moment without answers: that is asked again. What is answered counts. */
  async function answered(path: string, orStatus = 200): Promise<Answer> {
    for (let n = 0; ; n++) {
      const answer = await api.fetch(path).catch(() => undefined);
      if (answer?.status === 200 || answer?.status === orStatus) return answer;
      if (n >= tries) return wrong(`GET ${path.slice(0, 60)}: ${answer?.status ?? "no answer"}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  return {
    ocsp,
    async crl() {
      const serials = new Set<string>();
      for (let shard = 0; ; shard++) {
        for (const kind of ["", "-delta"] as const) {
          const { status, bytes } = await answered(crlPath(shard, kind), shard === 0 ? 200 : 404);
          if (status === 404) return serials;
          const list = parseCertificateList(bytes);
          if (!verify("sha256", list.tbs, issuerKey, list.signature)) wrong("a CRL's signature does not hold");
          for (const { serialHex } of list.entries) serials.add(serialHex);
        }
      }
    },
  };
}
