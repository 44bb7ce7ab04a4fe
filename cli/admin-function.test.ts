/** A deployment on AWS, asked by the real SDK over the wire; only what answers at the other end is the test's. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { fakeTerminal, listener, scratch, type Answer, type Seen } from "./fake-host.ts";
import { run } from "./program.ts";

const names = [
  "AWS_ENDPOINT_URL",
  "AWS_REGION",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_MAX_ATTEMPTS",
] as const;
type Environment = Partial<Record<(typeof names)[number], string>>;

/** The SDK reads the process's environment, and files in the home directory: nothing of this machine may be among them. */
function environment(values: Environment): void {
  const home = scratch();
  onTestFinished(home.close);
  const given: Record<string, string | undefined> = {
    ...Object.fromEntries(names.map((name) => [name, undefined])),
    AWS_CONFIG_FILE: `${home.path}/config`,
    AWS_SHARED_CREDENTIALS_FILE: `${home.path}/credentials`,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_MAX_ATTEMPTS: "1",
    AWS_DEFAULT_REGION: undefined,
    AWS_PROFILE: undefined,
    ...values,
  };
  const before = Object.fromEntries(Object.keys(given).map((name) => [name, process.env[name]]));
  const set = (all: Readonly<Record<string, string | undefined>>): void => {
    for (const [name, value] of Object.entries(all)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
  set(given);
  onTestFinished(() => set(before));
}

async function lambda(answer: (request: Seen) => Answer): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  const server = createServer(listener(seen, answer));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  environment({
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "secret",
  });
  return seen;
}

const create = ["token", "create", "--stack", "trstctl", "--region", "eu-central-1", "--tenant", "acme"];

test("token create --stack invokes the deployment's admin function, signed by the operator", async () => {
  const answer = { token: "trst_once", id: "tok-1", tenant: "acme", subject: "admin", scopes: ["*"], expires_at: null };
  const seen = await lambda(() => ({ status: 200, body: { status: 201, body: JSON.stringify(answer) } }));
  const terminal = fakeTerminal({});
  expect(await run([...create, "--scopes", "certs:read", "--expires-in", "90d"], terminal)).toBe(0);
  expect(terminal.outText()).toBe("trst_once\n");
  expect(terminal.noteText()).toContain("tok-1");
  expect(seen[0]).toMatchObject({ method: "POST", url: "/2015-03-31/functions/trstctl-admin/invocations" });
  expect(seen[0]?.headers["authorization"]).toContain("/eu-central-1/lambda/aws4_request");
  expect(JSON.parse(seen[0]?.body ?? "")).toEqual({
    method: "POST",
    path: "/admin/tokens",
    body: { tenant: "acme", scopes: ["certs:read"], expires_at: "2030-04-01T00:00:00.000Z" },
  });
});

test("tenants list --stack shows the deployment's tenants", async () => {
  const items = [{ id: "acme", name: "Acme", created_at: "2026-11-26T00:00:00.000Z" }];
  const seen = await lambda(() => ({ status: 200, body: { status: 200, body: JSON.stringify({ items }) } }));
  const terminal = fakeTerminal({ AWS_REGION: "us-east-1" });
  expect(await run(["tenants", "list", "--stack", "house-2"], terminal)).toBe(0);
  expect(terminal.outText()).toContain("Acme");
  expect(seen[0]?.url).toBe("/2015-03-31/functions/house-2-admin/invocations");
  expect(JSON.parse(seen[0]?.body ?? "")).toEqual({ method: "GET", path: "/admin/tenants" });
});

test("the function's refusal is shown as the host's is", async () => {
  const problem = { detail: "tenant system belongs to the product itself", code: "forbidden" };
  await lambda(() => ({ status: 200, body: { status: 403, body: JSON.stringify(problem) } }));
  const terminal = fakeTerminal({});
  expect(await run(create, terminal)).toBe(1);
  expect(terminal.noteText()).toContain(problem.detail);
});

test.each([
  [404, "ResourceNotFoundException", "there is no function trstctl-admin in eu-central-1 of this account"],
  [403, "AccessDeniedException", "lambda:InvokeFunction"],
  [403, "UnrecognizedClientException", "does not take these credentials"],
  [403, "ExpiredTokenException", "does not take these credentials"],
  [429, "TooManyRequestsException", "try again"],
  [400, "SomethingElseException", "could not be invoked"],
])("Lambda's %i %s is said in words that help", async (status, name, words) => {
  await lambda(() => ({ status, body: { __type: name, message: "-" }, headers: { "x-amzn-errortype": name } }));
  const terminal = fakeTerminal({});
  expect(await run(create, terminal)).toBe(1);
  expect(terminal.noteText()).toContain(words);
});

test("a function that failed says why, one that answers something else which version to use", async () => {
  const errorMessage = "function admin needs TRSTCTL_CORE_TABLE: deploy the stacks of one version";
  let body: object = { errorType: "Failure", errorMessage };
  await lambda(() => ({
    status: 200,
    body,
    headers: "errorMessage" in body ? { "x-amz-function-error": "Unhandled" } : {},
  }));
  const failed = fakeTerminal({});
  expect(await run(create, failed)).toBe(1);
  expect(failed.noteText()).toContain(errorMessage);
  expect(failed.noteText()).toContain("/aws/lambda/trstctl-admin");
  body = { statusCode: 200 };
  const other = fakeTerminal({});
  expect(await run(create, other)).toBe(1);
  expect(other.noteText()).toContain("this CLI's version");
});

test("without credentials, without a Region, without an answer: each says what is missing", async () => {
  const said = async (values: Environment, words: readonly string[]): Promise<string> => {
    environment(values);
    const terminal = fakeTerminal({});
    expect(await run(words, terminal)).toBe(1);
    return terminal.noteText();
  };
  const keys = { AWS_ACCESS_KEY_ID: "AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret" };
  const nobody = "http://127.0.0.1:1";
  expect(await said({ AWS_ENDPOINT_URL: nobody }, create)).toContain("there are no AWS credentials");
  const noRegion = create.filter((word) => word !== "--region" && word !== "eu-central-1");
  expect(await said({ AWS_ENDPOINT_URL: nobody, ...keys }, noRegion)).toContain("no AWS Region is set");
  expect(await said({ AWS_ENDPOINT_URL: nobody, ...keys }, create)).toContain("cannot be reached");
});

test("names that are none, and a Region without a deployment, are refused before anything is sent", async () => {
  for (const [words, flag] of [
    [["--stack", "Trstctl"], "--stack"],
    [["--stack", "a/b"], "--stack"],
    [["--region", "eu-central-1"], "--region"],
  ] as const) {
    const terminal = fakeTerminal({});
    expect(await run(["token", "create", "--tenant", "acme", ...words], terminal)).toBe(2);
    expect(terminal.noteText()).toContain(`${flag}:`);
  }
});
