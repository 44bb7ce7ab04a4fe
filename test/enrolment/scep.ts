import { parseSignedData } from "#shared/pki/cms/signed-data";
import { commonName } from "#shared/pki/name";
import { certificateIn, enrolment } from "#test/scep/scene";
import { readCertRep } from "#test/scep/read-cert-rep";
import { certificationRequest } from "#test/scep/request";
import { newRsaSigner, type RsaSigner } from "#test/scep/rsa";
import { origin, type Outcome, type ProtocolClient } from "./client.ts";

// Generating RSA keys is most of what this would cost, and no rule here is about keys.
let shared: RsaSigner | undefined;

export const scep: ProtocolClient = async (host, { label, credential, name }) => {
  const key = (shared ??= newRsaSigner());
  const place = `${origin}/scep${label === undefined ? "" : `/${label}`}`;
  const ca = await host.fetch(new Request(`${place}?operation=GetCACert`));
  if (ca.status !== 200) {
    const text = `${ca.status} ${await ca.text()}`;
    return { send: () => Promise.resolve({ refused: text }) };
  }
  const [ra] = parseSignedData(new Uint8Array(await ca.arrayBuffer())).certificates;
  if (ra === undefined) throw new Error("GetCACert brought no certificate");
  const challenge = credential && `${credential.id}.${credential.secret}`;
  const content = certificationRequest({ signer: key, subject: commonName(name), names: [name], challenge });
  const message = enrolment({ key, ra, content });
  const send = async (): Promise<Outcome> => {
    const body = message as Uint8Array<ArrayBuffer>;
    const response = await host.fetch(new Request(`${place}?operation=PKIOperation`, { method: "POST", body }));
    if (response.status !== 200) return { refused: `${response.status} ${await response.text()}` };
    const rep = await readCertRep(new Uint8Array(await response.arrayBuffer()), ra);
    if (rep.status === "PENDING") return { pending: true };
    return rep.status === "SUCCESS"
      ? { issued: certificateIn(rep, key) }
      : { refused: `${rep.status} ${rep.failInfo} ${rep.text}` };
  };
  return { send };
};
