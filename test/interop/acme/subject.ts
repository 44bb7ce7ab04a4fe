/** One server under the same requests as another: accounts, orders, proofs as a case needs them. */
import { randomBytes } from "node:crypto";
import { buildCsr } from "#shared/pki/build-csr";
import { commonName } from "#shared/pki/name";
import type { GeneralName } from "#shared/pki/general-name";
import type { Json } from "#test/e2e/host";
import { signWith, testKey } from "#test/vectors/x509";
import { AcmeClient, dnsValue, type Reply } from "./client.ts";
import type { Ca, World } from "./world.ts";

/** What a reply is, in words that two servers can share: nothing that is random, no free text. */
export type Seen = string;

const problemType = /^urn:ietf:params:acme:error:/;

/** `201`, or `400 badNonce`. */
export function seen({ status, json }: Reply): Seen {
  const type: unknown = json?.type;
  if (status < 400 || typeof type !== "string") return String(status);
  return `${status} ${problemType.test(type) ? type.replace(problemType, "") : type}`;
}

export const csrFor = (...names: readonly GeneralName[]): string => {
  const key = testKey();
  const csr = buildCsr({
    subject: names[0]?.type === "dns" ? commonName(names[0].value.slice(0, 60)) : [],
    names: [...names] as never,
    spki: key.spki,
    signatureAlgorithm: key.algorithm,
    sign: (data) => signWith(key, data),
  });
  return Buffer.from(csr).toString("base64url");
};

export class Subject {
  readonly ca: Ca;
  readonly world: World;
  constructor(ca: Ca, world: World) {
    this.ca = ca;
    this.world = world;
  }

  /** A name that nobody asked for before, under which every address is ours. */
  name(): string {
    return `n${randomBytes(6).toString("hex")}.example.test`;
  }

  stranger(): AcmeClient {
    return new AcmeClient(this.ca);
  }

  async account(): Promise<AcmeClient> {
    const client = this.stranger();
    await client.register();
    return client;
  }

  order(client: AcmeClient, ...values: readonly string[]): Promise<Reply> {
    const identifiers = values.map((value) => ({ type: /^[\d.]+$|:/.test(value) ? "ip" : "dns", value }));
    return client.postTo("newOrder", { identifiers });
  }

  async authorization(client: AcmeClient, order: Reply, at = 0): Promise<{ url: string; json: Json }> {
    const url = order.json.authorizations[at] as string;
    return { url, json: (await client.post(url)).json };
  }

  /** Every authorization of the order, by dns-01. @returns the order as it is then */
  async prove(client: AcmeClient, order: Reply): Promise<Json> {
    for (let at = 0; at < order.json.authorizations.length; at++) {
      const { url, json } = await this.authorization(client, order, at);
      const challenge = json.challenges.find(({ type }: Json) => type === "dns-01");
      this.world.dns.add(`_acme-challenge.${json.identifier.value}`, "TXT", dnsValue(challenge.token, client.signer));
      await client.post(challenge.url, {});
      const settled = await client.settled(url);
      if (settled.status !== "valid") throw new Error(JSON.stringify(settled));
    }
    return (await client.post(String(order.headers.location))).json;
  }

  /** @returns the PEM, and where it lies */
  async issue(client: AcmeClient, name = this.name()): Promise<{ url: string; pem: string; order: string }> {
    const order = await this.order(client, name);
    const ready = await this.prove(client, order);
    await client.post(ready.finalize, { csr: csrFor({ type: "dns", value: name }) });
    const location = String(order.headers.location);
    const { certificate } = await client.settled(location);
    return { url: certificate, pem: (await client.post(certificate)).text, order: location };
  }
}
