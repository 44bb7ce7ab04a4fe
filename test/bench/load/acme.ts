/** ACME clients that know their directory: new order, finalize, download, each with the nonce of the answer before. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { base64url, utf8 } from "#shared/kernel/bytes";
import { pemDecode } from "#shared/pki/pem";
import { csrFor } from "../csr.ts";
import { type Answer, type Connection, openConnection } from "./connection.ts";
import { outcomeOf } from "./outcome.ts";
import type { AcmeJob, Outcome, Target } from "./protocol.ts";

interface Client {
  readonly connection: Connection;
  readonly privateKey: KeyObject;
  readonly jwk: object;
  /** Its one name, proven once. */
  readonly name: string;
  kid: string | undefined;
  nonce: string;
}

const json = (value: unknown): string => base64url(utf8(JSON.stringify(value)));

export async function acme(job: AcmeJob): Promise<Outcome> {
  const base = `https://localhost:${job.target.port}/acme/${job.label}/`;
  const clients = await Promise.all(Array.from({ length: job.clients }, (_, at) => registered(job, base, at)));
  for (const client of clients) await flow(client, job.target, base, csrDerFor(client.name)); // its name is proven from here on
  const each = Math.ceil(job.count / job.clients);
  const requests = clients.map(({ name }) => Array.from({ length: each }, () => csrDerFor(name)));
  const latencies = new Float64Array(each * job.clients);
  let done = 0;
  const cpu = process.cpuUsage();
  const started = performance.now();
  await Promise.all(
    clients.map(async (client, at) => {
      for (const csr of requests[at] ?? []) {
        const begun = performance.now();
        await flow(client, job.target, base, csr);
        latencies[done++] = performance.now() - begun;
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  for (const { connection } of clients) connection.close();
  return outcomeOf(seconds, latencies, user + system);
}

async function registered({ target, credential }: AcmeJob, base: string, at: number): Promise<Client> {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const connection = await openConnection(target);
  const jwk = publicKey.export({ format: "jwk" });
  const client: Client = { connection, privateKey, jwk, name: `acme-${at}.example.test`, kid: undefined, nonce: "" };
  const head = `GET ${new URL(`${base}new-nonce`).pathname} HTTP/1.1\r\nHost: localhost:${target.port}\r\n\r\n`;
  client.nonce = headerOf(await connection.exchange(Buffer.from(head)), "replay-nonce");
  const url = `${base}new-account`;
  const bound = `${json({ alg: "HS256", kid: credential.id, url })}.${json(jwk)}`;
  const signature = createHmac("sha256", Buffer.from(credential.secret, "base64url")).update(bound).digest("base64url");
  const [header, payload] = bound.split(".");
  const externalAccountBinding = { protected: header, payload, signature };
  const answer = await post(client, target, url, { externalAccountBinding }, 201);
  client.kid = headerOf(answer, "location");
  return client;
}

const csrDerFor = (name: string): Uint8Array => pemDecode(csrFor(name), "CERTIFICATE REQUEST")[0] ?? new Uint8Array(0);

/** @throws when anything in it is not as it must be */
async function flow(client: Client, target: Target, base: string, csr: Uint8Array): Promise<void> {
  const identifiers = [{ type: "dns", value: client.name }];
  const order = bodyOf(await post(client, target, `${base}new-order`, { identifiers }, 201));
  if (order["status"] !== "ready") throw new Error(`the order is ${order["status"]}, not ready`);
  const done = bodyOf(await post(client, target, order["finalize"] ?? "", { csr: base64url(csr) }, 200));
  if (done["status"] !== "valid") throw new Error(`the order is ${done["status"]}, not valid`);
  const chain = await post(client, target, done["certificate"] ?? "", undefined, 200);
  if (chain.body.indexOf("-----BEGIN CERTIFICATE-----") !== 0) throw new Error("no certificate in the answer");
}

const bodyOf = ({ body }: Answer): Readonly<Record<string, string>> =>
  JSON.parse(body.toString("utf8")) as Record<string, string>;

async function post(client: Client, target: Target, url: string, payload: unknown, status: number): Promise<Answer> {
  const { connection, privateKey, kid, jwk, nonce } = client;
  const header = json({ alg: "ES256", nonce, url, ...(kid === undefined ? { jwk } : { kid }) });
  const content = payload === undefined ? "" : json(payload);
  const data = utf8(`${header}.${content}`);
  const signature = sign("sha256", data, { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url");
  const body = JSON.stringify({ protected: header, payload: content, signature });
  const fields = [
    `POST ${url.slice(url.indexOf("/", 8))} HTTP/1.1`,
    `Host: localhost:${target.port}`,
    "Content-Type: application/jose+json",
    `Content-Length: ${body.length}`,
  ];
  const answer = await connection.exchange(Buffer.from(`${fields.join("\r\n")}\r\n\r\n${body}`));
  if (answer.status !== status)
    throw new Error(`${url}: ${answer.status} ${answer.body.toString("latin1", 0, 300)}, not ${status}`);
  client.nonce = headerOf(answer, "replay-nonce");
  return answer;
}

function headerOf({ fields }: Answer, name: string): string {
  const [, value] = new RegExp(`\\r\\n${name}: ([^\\r]+)`, "i").exec(fields) ?? [];
  if (value === undefined) throw new Error(`the answer has no ${name}`);
  return value;
}
