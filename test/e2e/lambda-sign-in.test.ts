/** A browser's session through the functions as AWS calls them: the operator's link, cookie, CSRF, sign-out. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HttpResult } from "#functions/lambda/http-event";
import type { AdminAnswer } from "#shared/contracts/admin";
import { type Deployment, publicUrl, startDeployment } from "#test/aws/deployment";
import { httpEvent, restEvent } from "#test/aws/events";
import { type ProviderProcess, startProviderProcess } from "#test/oidc/provider-process";
import { signInByHttp } from "#test/oidc/sign-in-by-http";
import type { Json } from "./host.ts";
import { newCsr } from "./openssl.ts";

let deployment: Deployment;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "lambda-sign-in-"));
  deployment = await startDeployment({ "sign-in": { TRSTCTL_EGRESS_CIDRS: "127.0.0.0/8" } });
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
  readonly query?: string;
  readonly body?: object;
}

/** As the distribution hands on what the browser sends from the console's own page. */
async function ask(method: string, path: string, { headers = {}, query = "", body }: Sent = {}): Promise<HttpResult> {
  const sent: Fields = {
    "x-forwarded-proto": "https",
    "sec-fetch-site": "same-origin",
    ...(method !== "GET" && { origin: publicUrl, "content-type": "application/json" }),
    ...headers,
  };
  const asked = {
    method,
    path,
    query,
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

describe("by a provider", () => {
  let provider: ProviderProcess;
  beforeAll(async () => {
    provider = await startProviderProcess();
    const root = provider.authority;
    const accounts = { ada: { name: "Ada", groups: ["pki"] }, eve: { groups: [] } };
    await provider.serve({ origin: publicUrl, id: "work", root, clientSecret: "a secret of a test", accounts });
  });
  afterAll(() => provider.stop());

  const configure = (more: object = {}): void => {
    const work = {
      title: "Example ID",
      issuer: provider.issuer,
      client_id: "trstctl",
      private_networks: true,
      rules: [{ group: "pki", tenant: "acme", roles: ["operator"] }],
      ...more,
    };
    const secrets = { client_secrets: { work: "a secret of a test" }, authorities: { work: provider.authority } };
    deployment.services.parameters.set("/t/sign-in", JSON.stringify({ providers: { work }, ...secrets }));
  };

  it("there is none before the operator says so, and one after: no deployment in between", async () => {
    expect(json(await ask("GET", "/auth/methods"))).toEqual({ providers: [] });
    configure();
    await deployment.restart("sign-in");
    const start = "/auth/oidc/work/start";
    expect(json(await ask("GET", "/auth/methods"))).toEqual({
      providers: [{ id: "work", title: "Example ID", start }],
    });
  });

  async function signInAs(login: string): Promise<HttpResult> {
    const begun = await ask("GET", "/auth/oidc/work/start", { query: "return_to=/certificates" });
    expect(begun.statusCode, begun.body).toBe(303);
    const cookie = (begun.cookies ?? []).map((set) => set.split(";")[0]).join("; ");
    const back = new URL(await signInByHttp(String(begun.headers?.["location"]), login, provider.authority));
    expect(`${back.origin}${back.pathname}`).toBe(`${publicUrl}/auth/oidc/work/callback`);
    // The provider's page is another site: SameSite=Strict cookies stay behind, the one of this sign-in comes along.
    const headers = { cookie, "sec-fetch-site": "cross-site" };
    return ask("GET", "/auth/oidc/work/callback", { headers, query: back.search.slice(1) });
  }

  it("who the rules know gets a session of their tenant, and who they do not is turned away", async () => {
    const done = await signInAs("ada");
    expect([done.statusCode, new URL(String(done.headers?.["location"]), publicUrl).href], done.body).toEqual([
      303,
      `${publicUrl}/certificates`,
    ]);
    const cookie = (done.cookies ?? []).map((set) => set.split(";")[0]).join("; ");
    const shown = json(await ask("GET", "/auth/session", { headers: { cookie } }));
    expect(shown).toMatchObject({ tenant: "acme", subject: "work:ada", name: "Ada", method: "oidc" });
    expect((await ask("GET", "/api/v1/certificates", { headers: { cookie } })).statusCode).toBe(200);
    expect((await signInAs("eve")).statusCode).toBe(403);
  });

  it("a document that is wrong stops sign-in, says all that is wrong in the log, and nothing of it to clients", async () => {
    configure({ client_secret_file: "work.secret", issuer: "http://id.example.com" });
    await deployment.restart("sign-in");
    const refused = await ask("GET", "/auth/methods");
    expect(refused.statusCode).toBe(503);
    expect(refused.body).not.toMatch(/sign-in|example\.com|secret/);
    for (const problem of [/providers\.work\.issuer: /, /client_secret_file: there are no files here/])
      expect(deployment.log()).toMatch(problem);
    expect(deployment.log()).not.toContain("a secret of a test");
    configure();
    expect((await ask("GET", "/auth/methods")).statusCode).toBe(200);
  });
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
