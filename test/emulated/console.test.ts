/** The console through the edge: its files as one machine serves them, and a session from the operator's link to sign-out. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { createConsole } from "#functions/console/app";
import { startProviderProcess } from "#test/oidc/provider-process";
import { signInByHttp } from "#test/oidc/sign-in-by-http";
import { newCsr } from "../e2e/openssl.ts";
import { asOperator, deployment, newTenant, type Tenant } from "./deployed.ts";

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant("console");
});

type Fields = Readonly<Record<string, string>>;
interface Got {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** As a browser asks from the console's own page. */
async function ask(method: string, path: string, headers: Fields = {}, body?: object): Promise<Got> {
  const { publicUrl, caFile } = deployment();
  const from = method === "GET" ? {} : { origin: new URL(publicUrl).origin, "content-type": "application/json" };
  const asking = request(new URL(path, publicUrl), {
    method,
    ca: readFileSync(caFile),
    headers: { "sec-fetch-site": "same-origin", ...from, ...headers },
  });
  asking.end(body === undefined ? undefined : JSON.stringify(body));
  const [got] = (await once(asking, "response")) as [IncomingMessage];
  return { status: got.statusCode ?? 0, headers: got.headers, body: await text(got) };
}

const page = { accept: "text/html" };

it("is the same build, with the headers that one machine sends, whatever the page", async () => {
  const here = createConsole({ hostnames: ["pki.example.com"] });
  for (const path of ["/", "/certificates", "/issuers/some/page"]) {
    const there = await ask("GET", path, page);
    const asked = new Request(`https://pki.example.com${path}`, { headers: { ...page, host: "pki.example.com" } });
    const local = await here.fetch(asked);
    expect([there.status, there.body]).toEqual([200, await local.text()]);
    // Of a cache's key, which is the edge's own here, and of one request.
    const own = new Set(["vary", "traceparent"]);
    for (const [name, value] of local.headers)
      if (!own.has(name)) expect([name, there.headers[name]]).toEqual([name, value]);
  }
  const [, script = ""] = /src="(\/assets\/[^"]+\.js)"/.exec((await ask("GET", "/", page)).body) ?? [];
  expect((await ask("GET", script)).headers).toMatchObject({
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "public, max-age=31536000, immutable",
  });
});

async function link(...words: string[]): Promise<string> {
  const asked = ["console", "--stack", deployment().name, "--tenant", tenant.id, ...words];
  const { code, stdout, stderr } = await asOperator(...asked);
  expect(code, stderr).toBe(0);
  return stdout.trim();
}

it("a link of the operator's signs in one browser, once; its session issues by CSRF token, and ends at sign-out", async () => {
  const url = await link("--scopes", "*");
  expect(url.startsWith(`${deployment().publicUrl}/#sign-in=${tenant.id}.`)).toBe(true);
  const secret = new URL(url).hash.replace("#sign-in=", "");
  const signedIn = await ask("POST", "/auth/local", {}, { secret });
  expect(signedIn.status, signedIn.body).toBe(204);
  expect((await ask("POST", "/auth/local", {}, { secret })).status).toBe(401);
  const [set = ""] = signedIn.headers["set-cookie"] ?? [];
  expect(set).toMatch(/^__Host-trstctl[^=]*=.+; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
  const session = { cookie: set.split(";")[0] ?? "" };
  const shown = JSON.parse((await ask("GET", "/auth/session", session)).body) as { readonly csrf_token: string };
  expect(shown).toMatchObject({ tenant: tenant.id, method: "local" });

  const csrf = { "x-csrf-token": shown.csrf_token };
  const csr = await newCsr(tenant.directory, "browser", "browser.example.test");
  const issue = (headers: Fields) =>
    ask("POST", "/api/v1/certificates", { ...session, "idempotency-key": crypto.randomUUID(), ...headers }, { csr });
  expect((await issue({})).status).toBe(403);
  expect((await issue({ ...csrf, "sec-fetch-site": "same-site" })).status).toBe(403);
  const issued = await issue(csrf);
  expect(issued.status, issued.body).toBe(201);
  const { id } = JSON.parse(issued.body) as { readonly id: string };
  expect((await tenant.curl("GET", `/certificates/${id}`)).status).toBe(200);

  expect((await ask("POST", "/auth/logout", session, {})).status).toBe(403);
  expect((await ask("POST", "/auth/logout", { ...session, ...csrf }, {})).status).toBe(204);
  expect((await ask("GET", "/auth/session", session)).status).toBe(401);
  expect((await issue(csrf)).status).toBe(401);
});

it("a session may no more than its link granted", async () => {
  const secret = new URL(await link("--scopes", "certs:read")).hash.replace("#sign-in=", "");
  const [set = ""] = (await ask("POST", "/auth/local", {}, { secret })).headers["set-cookie"] ?? [];
  const session = { cookie: set.split(";")[0] ?? "" };
  expect((await ask("GET", "/api/v1/certificates", session)).status).toBe(200);
  const refused = await ask("GET", "/api/v1/audit/events", session);
  expect([refused.status, refused.body]).toEqual([403, expect.stringMatching(/audit:read/)]);
});

/** The function reads its parameter at the next cold start, and may go to this machine: a new version, as a deployment makes it. */
async function restartSignIn(): Promise<void> {
  const { name, endpoint, region, credentials } = deployment();
  const lambda = new LambdaClient({ endpoint, region, credentials });
  const FunctionName = `${name}-sign-in`;
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const Variables = { ...Environment?.Variables, TRSTCTL_EGRESS_CIDRS: "127.0.0.0/8" };
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
  const { Version } = await lambda.send(new PublishVersionCommand({ FunctionName }));
  await lambda.send(new UpdateAliasCommand({ FunctionName, Name: "live", FunctionVersion: Version }));
}

it("signs in by an identity provider that the operator put into the parameter, to the tenant of the rules", async () => {
  const { name, endpoint, region, credentials, publicUrl, caFile } = deployment();
  const provider = await startProviderProcess();
  onTestFinished(() => provider.stop());
  const clientSecret = "a secret of a test";
  const root = readFileSync(caFile, "utf8");
  await provider.serve({ origin: publicUrl, id: "work", root, clientSecret, accounts: { ada: { name: "Ada" } } });
  const work = {
    title: "Example ID",
    issuer: provider.issuer,
    client_id: "trstctl",
    private_networks: true,
    rules: [{ subject: "ada", tenant: tenant.id, roles: ["viewer"] }],
  };
  const document = {
    providers: { work },
    client_secrets: { work: clientSecret },
    authorities: { work: provider.authority },
  };
  await new SSMClient({ endpoint, region, credentials }).send(
    new PutParameterCommand({ Name: `/${name}/sign-in`, Type: "SecureString", Value: JSON.stringify(document) }),
  );
  await restartSignIn();
  const begun = await ask("GET", "/auth/oidc/work/start");
  expect(begun.status, begun.body).toBe(303);
  const cookieOf = ({ headers }: Got): Fields => ({
    cookie: (headers["set-cookie"] ?? []).map((set) => set.split(";")[0]).join("; "),
  });
  const back = await signInByHttp(String(begun.headers.location), "ada", provider.authority);
  const done = await ask("GET", back, { ...cookieOf(begun), "sec-fetch-site": "cross-site" });
  expect(done.status, done.body).toBe(303);
  const shown = JSON.parse((await ask("GET", "/auth/session", cookieOf(done))).body) as object;
  expect(shown).toMatchObject({ tenant: tenant.id, subject: "work:ada", name: "Ada", method: "oidc" });
});
