/** The spine through the functions as AWS calls them: their handlers, events of API Gateway, a stream and queues. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { HttpResult } from "#functions/lambda/http-event";
import type { AdminAnswer } from "#shared/contracts/admin";
import { type Deployment, publicUrl, revocationBaseUrl, startDeployment } from "#test/aws/deployment";
import { type Asked, httpEvent, restEvent } from "#test/aws/events";
import { queueEvent, wakeOf } from "#test/aws/lambda-events";
import type { Json } from "./host.ts";
import { type Bundle, bundleFiles, newCsr, ocspArguments, openssl, statusIn, urlsIn, verifyChain } from "./openssl.ts";

let deployment: Deployment;
let directory: string;
let token: string;
let bundle: Bundle;
let certificate: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "lambda-"));
  deployment = await startDeployment();
});
afterAll(async () => {
  await deployment.stop();
  rmSync(directory, { recursive: true });
});

const bytesOf = ({ body, isBase64Encoded }: HttpResult): Buffer =>
  Buffer.from(body, isBase64Encoded ? "base64" : "utf8");

let keys = 0;
async function api(
  method: string,
  path: string,
  body?: object,
): Promise<{ readonly status: number; readonly body: Json }> {
  const headers = {
    authorization: [`Bearer ${token}`],
    ...(method !== "GET" && { "idempotency-key": [`lambda-test-${++keys}`], "content-type": ["application/json"] }),
  };
  const [bare = "", query = ""] = path.split("?");
  const asked = {
    method,
    path: `/api/v1${bare}`,
    query,
    headers,
    ...(body && { body: Buffer.from(JSON.stringify(body)) }),
  };
  const result = await deployment.invoke<HttpResult>("api", restEvent(asked));
  return { status: result.statusCode, body: result.body === "" ? undefined : JSON.parse(result.body) };
}

async function ok(method: string, path: string, body?: object): Promise<Json> {
  const answer = await api(method, path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body;
}

const revocation = (asked: Asked): Promise<HttpResult> => deployment.invoke("revocation", httpEvent(asked));

/** What OCSP says, by POST or GET, verified by openssl up to the root. */
async function ocspStatus(by: "POST" | "GET"): Promise<string> {
  const files = { request: join(directory, "request.der"), response: join(directory, "response.der") };
  await openssl(...ocspArguments(bundle), "-reqout", files.request, "-no_nonce");
  const { ocsp } = await urlsIn(bundle.leaf);
  const path = new URL(ocsp).pathname;
  const request = readFileSync(files.request);
  const answer = await revocation(
    by === "POST"
      ? { method: "POST", path, headers: { "content-type": ["application/ocsp-request"] }, body: request }
      : { method: "GET", path: `${path}/${request.toString("base64")}` },
  );
  expect(answer.statusCode).toBe(200);
  writeFileSync(files.response, bytesOf(answer));
  return statusIn(bundle, await openssl(...ocspArguments(bundle), "-respin", files.response, "-no_nonce"));
}

async function crlText(): Promise<string> {
  const { crl } = await urlsIn(bundle.leaf);
  const answer = await revocation({ method: "GET", path: new URL(crl).pathname });
  expect(answer.statusCode).toBe(200);
  const file = join(directory, "crl.der");
  writeFileSync(file, bytesOf(answer));
  return openssl("crl", "-inform", "DER", "-in", file, "-noout", "-text");
}

it("mints the first token by the admin function alone", async () => {
  const asked = { method: "POST", path: "/admin/tokens", body: { tenant: "acme", scopes: ["*"] } };
  const answer = await deployment.invoke<AdminAnswer>("admin", asked);
  expect(answer.status, answer.body).toBe(201);
  ({ token } = JSON.parse(answer.body) as { readonly token: string });
  const refused = await deployment.invoke<AdminAnswer>("admin", { method: "PUT", path: "/admin/tokens" });
  expect(refused.status).toBe(400);
  const result = await deployment.invoke<HttpResult>("api", restEvent({ ...asked, body: Buffer.from("{}") }));
  expect(result.statusCode).toBe(404);
});

it("issues a certificate that openssl verifies, with the URLs of the settings", async () => {
  await deployment.settle();
  const csr = await newCsr(directory, "leaf", "app.example.test");
  const issued = await ok("POST", "/certificates", { csr });
  certificate = issued.id;
  const root = await ok("GET", "/issuers/root");
  bundle = bundleFiles(directory, "app", [issued.certificate, ...issued.chain].join(""), root.certificate);
  expect((await verifyChain(bundle)).code).toBe(0);
  const urls = await urlsIn(bundle.leaf);
  for (const url of Object.values(urls)) expect(url.startsWith(`${revocationBaseUrl}/`)).toBe(true);
});

it("answers a replay from state, and another request under the same key not at all", async () => {
  const body = Buffer.from(JSON.stringify({ kind: "team", name: "platform" }));
  const asked = (bytes: Buffer): Asked => ({
    method: "POST",
    path: "/api/v1/owners",
    headers: {
      authorization: [`Bearer ${token}`],
      "idempotency-key": ["the-same-key"],
      "content-type": ["application/json"],
    },
    body: bytes,
  });
  const [first, again] = [
    await deployment.invoke<HttpResult>("api", restEvent(asked(body))),
    await deployment.invoke<HttpResult>("api", restEvent(asked(body))),
  ];
  expect(first.statusCode).toBe(201);
  expect(JSON.parse(again.body)).toEqual(JSON.parse(first.body));
  const other = Buffer.from(JSON.stringify({ kind: "team", name: "another" }));
  expect((await deployment.invoke<HttpResult>("api", restEvent(asked(other)))).statusCode).toBe(422);
});

it("OCSP says good, then revoked; the CRL lists it once the outbox has been rung for", async () => {
  expect(await ocspStatus("POST")).toBe("good");
  expect(await ocspStatus("GET")).toBe("good");
  await ok("POST", `/certificates/${certificate}/revoke`, { reason: "keyCompromise" });
  expect(await ocspStatus("POST")).toBe("revoked keyCompromise");
  await deployment.settle();
  expect(await ocspStatus("GET")).toBe("revoked keyCompromise");
  expect(await crlText()).toContain("Key Compromise");
}, 120_000);

it("wakes that come late, doubled and for nobody change nothing", async () => {
  const before = await crlText();
  const doubled = queueEvent(["acme", "acme", "nobody"].map(wakeOf));
  for (const name of ["projections", "outbox", "acme-validating"] as const)
    expect(await deployment.invoke(name, doubled)).toEqual({ batchItemFailures: [] });
  expect(await crlText()).toBe(before);
});

it("lost wakes are healed by the clock", async () => {
  const issued = await ok("POST", "/certificates", { csr: await newCsr(directory, "lost", "lost.example.test") });
  await ok("POST", `/certificates/${issued.id}/revoke`, { reason: "superseded" });
  expect((await deployment.records()).length).toBeGreaterThan(0); // taken, and rung for nobody
  expect(await crlText()).not.toContain("Superseded");
  await deployment.invoke("clock", {});
  await deployment.settle();
  expect(await crlText()).toContain("Superseded");
}, 120_000);

it("ACME's directory has the URLs of the settings, whatever Host a request names", async () => {
  await ok("POST", "/enrolment-endpoints", { label: "web" });
  const asked: Asked = { method: "GET", path: "/acme/web/directory", headers: { host: ["evil.example"] } };
  const answer = await deployment.invoke<HttpResult>("acme", httpEvent(asked));
  expect(answer.statusCode, answer.body).toBe(200);
  expect(JSON.parse(answer.body)).toMatchObject({ newOrder: expect.stringMatching(`^${publicUrl}/acme/web/`) });
  expect(answer.body).not.toContain("evil.example");
});

it("EST gives CA certificates, SCEP its capabilities, CMP an answer in its own form", async () => {
  const est = await deployment.invoke<HttpResult>(
    "est",
    httpEvent({ method: "GET", path: "/.well-known/est/web/cacerts" }),
  );
  expect([est.statusCode, est.body.length > 100]).toEqual([200, true]);
  const scep = await deployment.invoke<HttpResult>(
    "scep",
    httpEvent({ method: "GET", path: "/scep/web", query: "operation=GetCACaps" }),
  );
  expect(bytesOf(scep).toString()).toContain("POSTPKIOperation");
  const headers = { "content-type": ["application/pkixcmp"] };
  const cmp = await deployment.invoke<HttpResult>(
    "cmp",
    httpEvent({ method: "POST", path: "/.well-known/cmp/p/web", headers, body: Buffer.of(0x30, 0x00) }),
  );
  expect(cmp.headers?.["content-type"]).toBe("application/pkixcmp");
});

it("the audit chain of the tenant holds", async () => {
  const report = await ok("POST", "/audit/reconcile", {});
  expect(report).toMatchObject({ clean: true, unjournalled: [] });
  expect(report.signatures).toBeGreaterThan(4);
  const state = await ok("GET", "/audit/state");
  expect(state).toMatchObject({ clean: true, differing: [] });
});

it("a function without its settings says which, and the next invocation starts anew", async () => {
  deployment.services.parameters.delete("/t/settings");
  const first = await deployment.invoke<HttpResult>("sign-in", httpEvent({ method: "GET", path: "/auth/session" }));
  expect(first.statusCode).toBe(503);
  expect(JSON.parse(first.body)).toMatchObject({ code: "unavailable" });
  expect(deployment.log()).toContain("parameter /t/settings does not exist");
  deployment.services.parameters.set("/t/settings", JSON.stringify({ publicUrl, revocationBaseUrl }));
  const second = await deployment.invoke<HttpResult>("sign-in", httpEvent({ method: "GET", path: "/auth/session" }));
  expect(second.statusCode).toBe(401);
});

it("no log line has a token", () => {
  expect(deployment.log()).not.toContain(token);
});
