/** EST over the real listeners: what a TLS handshake proves, also when it is a resumed one. */
import { readFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { beforeAll, describe, expect, it } from "vitest";
import { pemDecode } from "#shared/pki/pem";
import { certificatesIn } from "#test/in-process/est";
import { type Host, type Json, startHost } from "./host.ts";
import { newCsr, openssl } from "./openssl.ts";

const label = "est-e2e";
const name = "device.example.test";

let host: Host;
let ca: string;
beforeAll(async () => {
  host = await startHost();
  ca = (JSON.parse(readFileSync(join(host.data, "cli", "profile.json"), "utf8")) as Json).ca;
  await host.admin.ok("POST", "/enrolment-endpoints", { label, protocols: ["est"], auth: ["secret", "certificate"] });
  return () => host.stop();
});

interface Said {
  readonly status: number;
  readonly text: string;
}

interface Shown {
  readonly cert: string;
  readonly key: string;
}

/** TLS first, so that a session can be resumed. @returns a socket whose session may be used once more */
function open(url: string, options: Partial<Shown> & { readonly session?: Buffer } = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: "127.0.0.1",
      port: Number(new URL(url).port),
      servername: "localhost",
      ca,
      ...options,
    });
    socket.once("error", reject).once("secureConnect", () => resolve(socket));
  });
}

function post(socket: TLSSocket, operation: string, body: string, headers: Record<string, string> = {}): Promise<Said> {
  return new Promise((resolve, reject) => {
    const asked = httpsRequest(
      {
        createConnection: () => socket,
        host: "localhost",
        method: "POST",
        path: `/.well-known/est/${label}/${operation}`,
        headers: { "content-type": "application/pkcs10", ...headers },
      },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (more: string) => (text += more));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
      },
    );
    asked.on("error", reject).end(body);
  });
}

const keyOf = (file: string): string => readFileSync(join(host.directory, `${file}.key`), "utf8");

async function csrOf(file: string): Promise<string> {
  const [der = new Uint8Array()] = pemDecode(await newCsr(host.directory, file, name), "CERTIFICATE REQUEST");
  return Buffer.from(der).toString("base64");
}

async function basic(): Promise<Record<string, string>> {
  const { id, secret } = await host.admin.ok("POST", "/enrolment-credentials", { endpoint: label });
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}` };
}

/** A certificate as PEM with its key, enrolled on either port. */
async function enrolled(file: string, url = host.apiUrl): Promise<Shown> {
  const said = await post(await open(url), "simpleenroll", await csrOf(file), await basic());
  expect(said.status).toBe(200);
  const [certificate] = certificatesIn(said.text);
  const cert = `-----BEGIN CERTIFICATE-----\n${Buffer.from(certificate?.der ?? []).toString("base64")}\n-----END CERTIFICATE-----\n`;
  return { cert, key: keyOf(file) };
}

describe("the port for mTLS", () => {
  it("takes the client certificate for renewal, in a resumed session too", async () => {
    const shown = await enrolled("first");
    const socket = await open(host.mtlsUrl, shown);
    const session = new Promise<Buffer>((resolve) => socket.once("session", resolve));
    expect(await post(socket, "simplereenroll", await csrOf("second"))).toMatchObject({ status: 200 });
    const resumed = await open(host.mtlsUrl, { session: await session });
    expect(resumed.isSessionReused()).toBe(true);
    expect(await post(resumed, "simplereenroll", await csrOf("third"))).toMatchObject({ status: 200 });
  });

  it("lets nobody renew without one, nor with one that somebody else signed", async () => {
    const bare = await post(await open(host.mtlsUrl), "simplereenroll", await csrOf("bare"));
    expect(bare.status).toBe(403);
    const [cert, key] = [join(host.directory, "own.pem"), join(host.directory, "own.key")];
    await openssl(
      ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key],
      ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`, "-out", cert],
    );
    const own = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
    const said = await post(await open(host.mtlsUrl, own), "simplereenroll", await csrOf("own-2"));
    expect(said.status).toBe(403);
  });

  it("serves the other operations like the port of the API, with a secret", async () => {
    await enrolled("by-secret", host.mtlsUrl);
  });
});

it("the port of the API asks for no certificate, and so knows none", async () => {
  const shown = await enrolled("api");
  const said = await post(await open(host.apiUrl, shown), "simplereenroll", await csrOf("api-2"));
  expect(said.status).toBe(403);
});
