import { base64 } from "#shared/kernel/bytes";
import { certificatesIn } from "#test/in-process/est";
import { newCsr } from "#test/in-process/house";
import { origin, type Outcome, type ProtocolClient } from "./client.ts";

export const est: ProtocolClient = async (host, { label, credential, name }) => {
  const body = base64(newCsr(name));
  const url = `${origin}/.well-known/est/${label === undefined ? "" : `${label}/`}simpleenroll`;
  const headers = {
    "content-type": "application/pkcs10",
    ...(credential !== undefined && {
      authorization: `Basic ${Buffer.from(`${credential.id}:${credential.secret}`).toString("base64")}`,
    }),
  };
  const send = async (): Promise<Outcome> => {
    const response = await host.fetch(new Request(url, { method: "POST", body, headers }));
    const text = await response.text();
    if (response.status === 202) return { pending: true };
    const [certificate] = response.status === 200 ? certificatesIn(text) : [];
    return certificate === undefined ? { refused: `${response.status} ${text}` } : { issued: certificate.der };
  };
  return { send };
};
