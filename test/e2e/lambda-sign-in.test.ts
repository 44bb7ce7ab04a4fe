/** A browser's session through the functions as AWS calls them: the operator's link, cookie, CSRF, sign-out. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { HttpResult } from "#functions/lambda/http-event";
import type { AdminAnswer } from "#shared/contracts/admin";
import { type Deployment, publicUrl, startDeployment } from "#test/aws/deployment";
import { httpEvent, restEvent } from "#test/aws/events";
import type { Json } from "./host.ts";
import { newCsr } from "./openssl.ts";

let deployment: Deployment;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "lambda-sign-in-"));
  deployment = await startDeployment();
  await asOperator("/admin/tokens", { tenant: "acme" });
});
afterAll(async () => {
  await deployment.stop();
  rmSync(directory, { recursive: true });
});

async function asOperator(path: string, body: object): Promise<Json> {
  const answer = await deployment.invoke<AdminAnswer>("admin", { method: "POST", path, body });
  expect(answer.status, answer.body).toBe(201);
  return JSON.parse(answer.body);
}

type Fields = Readonly<Record<string, string>>;
interface Sent {
  readonly headers?: Fields;
  readonly body?: object;
}

/** As the distribution hands on what the browser sends from the console's own page. */
async function ask(method: string, path: string, { headers = {}, body }: Sent = {}): Promise<HttpResult> {
  const sent: Fields = {
    "x-forwarded-proto": "https",
    "sec-fetch-site": "same-origin",
    ...(method !== "GET" && { origin: publicUrl, "content-type": "application/json" }),
    ...headers,
  };
  const asked = {
    method,
    path,
    headers: Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, [value]])),
    ...(body !== undefined && { body: Buffer.from(JSON.stringify(body)) }),
  };
  return path.startsWith("/auth/")
    ? deployment.invoke("sign-in", httpEvent(asked))
    : deployment.invoke("api", restEvent(asked));
}

const json = ({ body }: HttpResult): Json => JSON.parse(body);
const newLink = async (): Promise<string> =>
  (await asOperator("/admin/sign-in-links", { tenant: "acme", scopes: ["*"] })).url;
const secretOf = (url: string): string => new URL(url).hash.replace("#sign-in=", "");

async function signIn(): Promise<Fields> {
  const answer = await ask("POST", "/auth/local", { body: { secret: secretOf(await newLink()) } });
  expect(answer.statusCode, answer.body).toBe(204);
  return { cookie: answer.cookies?.[0]?.split(";")[0] ?? "" };
}

it("the operator's link leads to the deployment's own name, its secret behind the #, and opens one session", async () => {
  const url = await newLink();
  expect(url).toMatch(new RegExp(`^${publicUrl}/#sign-in=acme\\.[A-Za-z0-9_-]{43}$`));
  const body = { secret: secretOf(url) };
  const first = await ask("POST", "/auth/local", { body });
  expect([first.statusCode, first.headers?.["cache-control"]]).toEqual([204, "no-store"]);
  // Payload 2.0 has cookies apart; one for the name of the deployment, whatever the gateway is called.
  expect(first.cookies).toEqual([
    expect.stringMatching(/^__Host-trstctl=acme\.[A-Za-z0-9_.-]{43,}; Path=\/; Secure; HttpOnly; SameSite=Strict$/),
  ]);
  expect((await ask("POST", "/auth/local", { body })).statusCode).toBe(401);
  expect((await ask("POST", "/auth/local", { body: { secret: "acme." + "A".repeat(43) } })).statusCode).toBe(401);
});

it("a session does at the API what it may, by CSRF token and from the console alone, until it is signed out", async () => {
  const session = await signIn();
  const shown = await ask("GET", "/auth/session", { headers: session });
  expect(json(shown)).toMatchObject({ tenant: "acme", subject: "host-admin", method: "local", scopes: ["*"] });
  const csrf = { "x-csrf-token": json(shown).csrf_token };
  const csr = await newCsr(directory, "leaf", "console.example.test");
  let keys = 0;
  const issue = (headers: Fields) =>
    ask("POST", "/api/v1/certificates", {
      headers: { ...session, "idempotency-key": `console-${++keys}-key`, ...headers },
      body: { csr },
    });
  for (const forged of [
    {},
    { "x-csrf-token": "A".repeat(43) },
    { ...csrf, origin: "https://elsewhere.example.test" },
    { ...csrf, "sec-fetch-site": "same-site" },
    { ...csrf, "sec-fetch-site": "cross-site" },
  ]) {
    const refused = await issue(forged);
    // An origin that is no name of ours is turned away before anything else.
    expect([403, 421]).toContain(refused.statusCode);
  }
  const issued = await issue(csrf);
  expect(issued.statusCode, issued.body).toBe(201);
  const listed = await ask("GET", "/api/v1/certificates", { headers: session });
  expect(json(listed).items.map(({ id }: Json) => id)).toContain(json(issued).id);

  expect((await ask("POST", "/auth/logout", { headers: session, body: {} })).statusCode).toBe(403);
  const out = await ask("POST", "/auth/logout", { headers: { ...session, ...csrf }, body: {} });
  expect([out.statusCode, out.cookies?.[0]]).toEqual([204, expect.stringMatching(/^__Host-trstctl=;.*Max-Age=0/)]);
  expect((await ask("GET", "/auth/session", { headers: session })).statusCode).toBe(401);
  expect((await issue(csrf)).statusCode).toBe(401);
});

it("says on every answer what the host on one machine says, HSTS among it", async () => {
  const { headers = {} } = await ask("GET", "/auth/session");
  expect(headers).toMatchObject({
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
  });
});
