import { createHmac } from "node:crypto";
import { pemDecode } from "#shared/pki/pem";
import { csrFor } from "#test/acme/csr";
import { type Client, newClient, type Reply } from "#test/acme/client";
import { base64url, fromBase64url, utf8 } from "#shared/kernel/bytes";
import { origin, type Outcome, type ProtocolClient, type Secret } from "./client.ts";

/** Registers with external account binding, orders, finalizes, downloads; again: finalizes the same order. */
export const acme: ProtocolClient = async (host, { label, credential, name }) => {
  const directory = label === undefined ? `${origin}/directory` : `${origin}/acme/${label}/directory`;
  const client = await newClient((request) => host.fetch(request), directory);
  const refused = ({ status, text }: Reply): Outcome => ({ refused: `${status} ${text}` });
  const csr = csrFor([name]);
  let order: Reply | undefined;
  const send = async (): Promise<Outcome> => {
    const url = client.directory["newAccount"] as string | undefined;
    if (url === undefined) return { refused: `no directory: ${JSON.stringify(client.directory)}` };
    if (order === undefined) {
      const binding = credential && { externalAccountBinding: bindingOf(client, url, credential) };
      const account = await client.register({ termsOfServiceAgreed: true, ...binding });
      if (account.status !== 201) return refused(account);
      const ordered = await client.order([name]);
      if (ordered.status !== 201) return refused(ordered);
      order = ordered;
    }
    const finalized = await client.post(order.body["finalize"] as string, { csr });
    if (finalized.status !== 200) return refused(finalized);
    if (finalized.body["status"] === "processing") return { pending: true };
    const certificate = finalized.body["certificate"] as string | undefined;
    if (certificate === undefined) return refused(finalized);
    const [leaf] = pemDecode((await client.post(certificate)).text, "CERTIFICATE");
    return leaf === undefined ? { refused: "an empty chain" } : { issued: leaf };
  };
  return { send };
};

/** RFC 8555 7.3.4. */
function bindingOf({ state }: Client, url: string, { id, secret }: Secret) {
  const json = (value: unknown): string => base64url(utf8(JSON.stringify(value)));
  const [head, payload] = [json({ alg: "HS256", kid: id, url }), json(state.key.jwk)];
  const mac = createHmac("sha256", fromBase64url(secret)).update(`${head}.${payload}`).digest("base64url");
  return { protected: head, payload, signature: mac };
}
