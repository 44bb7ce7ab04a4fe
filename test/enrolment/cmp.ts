import { utf8 } from "#shared/kernel/bytes";
import { parseMessage } from "#shared/pki/cmp/message";
import { certRep, errorOf } from "#test/cmp/peer";
import { pkiMessage } from "#test/cmp/request";
import { newCsr } from "#test/in-process/house";
import { origin, type Outcome, type ProtocolClient } from "./client.ts";

export const cmp: ProtocolClient = async (host, { label, credential, name }) => {
  const der = await pkiMessage({
    type: "p10cr",
    content: newCsr(name),
    protection: credential && { reference: credential.id, secret: utf8(credential.secret) },
    header: { messageTimeMs: host.now() },
  });
  const url = `${origin}/.well-known/cmp${label === undefined ? "" : `/p/${label}`}`;
  const send = async (): Promise<Outcome> => {
    const headers = { "content-type": "application/pkixcmp" };
    const response = await host.fetch(
      new Request(url, { method: "POST", body: der as Uint8Array<ArrayBuffer>, headers }),
    );
    if (response.headers.get("content-type") !== "application/pkixcmp")
      return { refused: `${response.status} ${await response.text()}` };
    const message = parseMessage(new Uint8Array(await response.arrayBuffer()));
    const answered = { status: response.status, headers: response.headers, request: parseMessage(der), message };
    const certificate = message.type === "error" ? undefined : certRep(answered).responses[0]?.certificate;
    if (certificate !== undefined) return { issued: certificate };
    const info = errorOf(answered);
    return info.status === "waiting" ? { pending: true } : { refused: `${response.status} ${JSON.stringify(info)}` };
  };
  return { send };
};
