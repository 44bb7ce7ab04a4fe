/** What an EST client sends, whole: path, who it says it is, and the body. Whatever it is, the answer is one of EST's. */
import { createEst } from "#functions/est/app";
import type { Answers, BoundDeps } from "#functions/function";
import { profileSpec } from "#shared/contracts/api/profiles";
import { createProtocolRequests } from "#shared/http/protocol-requests";
import { base64, fromBase64, utf8 } from "#shared/kernel/bytes";
import { oids } from "#shared/pki/oids";
import { printableString } from "#shared/pki/der/writer";
import { isFailure } from "#shared/kernel/failure";
import { attribute, csrWith } from "#test/in-process/est";
import { Finding, holds, type Target } from "../target.ts";
import { emptyHouse } from "./wire.ts";

const id = "a".repeat(16);
const states: Readonly<Record<string, object>> = {
  "enrolment-endpoint": {
    protocols: ["est"],
    issuer: null,
    profile: "default",
    owner: null,
    approval: "automatic",
    status: "active",
    auth: ["secret", "token", "certificate"],
    default: true,
    server_keys: true,
  },
  "enrolment-credential": {
    endpoint: "x",
    names: [],
    max_uses: null,
    uses: [],
    expires_at: "2099-01-01T00:00:00.000Z",
    revoked_at: null,
  },
  profile: { name: "default", version: 1, spec: profileSpec.parse({ allowed_key_algorithms: ["P-384"] }) },
};

const reported: unknown[] = [];
let server: Answers | undefined;

function open(): Answers {
  const house = emptyHouse(reported);
  const load = (_tenant: string, kind: string, name: string) =>
    Promise.resolve({ kind, id: name, rev: 1, state: states[kind], origin: { lane: 0, seq: 1 } });
  return createEst({
    ...house,
    log: { ...house.log, load },
    enrolmentSecret: () => new Uint8Array(32),
    protocolRequests: createProtocolRequests(),
  } as unknown as BoundDeps);
}

/** All of it text; what is no text is not there. */
type Asked = Readonly<Partial<Record<"path" | "method" | "authorization" | "type" | "body" | "certificate", string>>>;

function readAsked(input: Uint8Array): Asked {
  const value: unknown = JSON.parse(Buffer.from(input).toString("utf8"));
  const entries = Object.entries((value ?? {}) as object).filter(([, text]) => typeof text === "string");
  return Object.fromEntries(entries) as Asked;
}

function requestOf({ path, method, authorization, type, body }: Asked): Request | undefined {
  try {
    const headers = {
      host: "localhost",
      ...(authorization !== undefined && { authorization }),
      ...(type !== undefined && { "content-type": type }),
    };
    const verb = method ?? "POST";
    const sent = verb === "POST" ? { body: body ?? "" } : {};
    return new Request(new URL(`/.well-known/est/${path ?? ""}`, "http://localhost/"), {
      method: verb,
      headers,
      ...sent,
    });
  } catch {
    return undefined; // nothing that HTTP can carry
  }
}

const statuses = new Set([200, 202, 204, 400, 401, 403, 404, 405, 409, 413, 415, 421, 503]);

export const est: Target = {
  async run(input) {
    server ??= open();
    let asked: Asked;
    try {
      asked = readAsked(input);
    } catch {
      return;
    }
    const request = requestOf(asked);
    if (request === undefined || !new URL(request.url).pathname.startsWith("/.well-known/est/")) return;
    const shown = asked.certificate === undefined ? undefined : fromBase64(asked.certificate);
    reported.length = 0;
    const response = await server.fetch(request, { address: "127.0.0.1", certificate: shown });
    const text = await response.text();
    const defect = reported.find((error) => !isFailure(error, "unavailable"));
    if (defect !== undefined) throw new Finding("a defect is reported", { cause: defect });
    holds(statuses.has(response.status), `status ${response.status}`);
    holds(response.status !== 401 || response.headers.has("www-authenticate"), "a 401 without a challenge");
    holds(text === "" || response.status < 300 || /^[^\n]+\n$/.test(text), "a refusal of one line");
  },
  refusals: [],
  format: "json",
  seeds: () => {
    const csr = base64(csrWith("a.example.test"));
    const marked = csrWith("a.example.test", { attributes: [attribute(oids.challengePassword, printableString("x"))] });
    const authorization = `Basic ${base64(utf8(`${id}:${"A".repeat(43)}`))}`;
    const type = "application/pkcs10";
    return [
      { path: "lab/simpleenroll", authorization, type, body: csr },
      { path: "simpleenroll", authorization: "Bearer x", type, body: base64(marked) },
      { path: "lab/serverkeygen", authorization, type, body: csr },
      { path: "lab/simplereenroll", type, body: csr, certificate: csr },
      { path: "lab/csrattrs", method: "GET" },
      { path: "lab/cacerts", method: "GET" },
      { path: "fullcmc", type: "application/pkcs7-mime", body: csr },
    ].map((request) => utf8(JSON.stringify(request)));
  },
  dictionary: ["cacerts", "csrattrs", "simpleenroll", "simplereenroll", "serverkeygen", "fullcmc", "Basic ", "Bearer "],
};
