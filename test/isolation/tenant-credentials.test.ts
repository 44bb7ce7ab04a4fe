/** The vending of a tenant's credentials, with the SDK's own clients, against a server that plays STS, DynamoDB and S3. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { inspect } from "node:util";
import { S3Client } from "@aws-sdk/client-s3";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dynamoClient } from "#shared/adapters/aws/dynamodb";
import { dynamoTableStore } from "#shared/adapters/aws/table";
import { tenantClients } from "#shared/adapters/aws/tenant-clients";
import { maxTenants, tenantCredentials } from "#shared/adapters/aws/tenant-credentials";
import { isFailure } from "#shared/kernel/failure";
import { type ManualClock, manualClock } from "#test/contract/fixtures";
import { type AssumeRoleRequest, assumeRoleAnswer, readAssumeRole, stsError } from "./sts-wire.ts";

const minute = 60_000;
const roleArn = "arn:aws:iam::111122223333:role/trstctl-tenant";
const own = { accessKeyId: "AKIAOWN", secretAccessKey: "own-secret" };

let assumed: AssumeRoleRequest[] = [];
/** Access key of each request to DynamoDB or S3, in order. */
let used: string[] = [];
let stsAnswers: ((response: ServerResponse) => void)[] = [];
/** What DynamoDB or S3 says to an access key; nothing: it serves it. */
let refuses: (accessKey: string) => { readonly status: number; readonly code: string } | undefined = () => undefined;
const server = createServer((request, response) => void play(request, response));
let endpoint = "";
let clock: ManualClock;

async function play(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  const key = /Credential=([^/]+)/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  if (body.startsWith("Action=") || body.includes("&Action=")) {
    assumed.push(readAssumeRole(body));
    const answer = stsAnswers.shift();
    if (answer !== undefined) return answer(response);
    const n = assumed.length;
    const expiration = new Date(clock.now() + 60 * minute);
    const given = {
      accessKeyId: `ASIA${n}`,
      secretAccessKey: `planted-secret-${n}`,
      sessionToken: `planted-token-${n}`,
    };
    response.writeHead(200, { "content-type": "text/xml" }).end(assumeRoleAnswer({ ...given, expiration }));
    return;
  }
  used.push(key);
  const no = refuses(key);
  if (request.headers["x-amz-target"] !== undefined) {
    const answer =
      no === undefined ? {} : { __type: `com.amazonaws.dynamodb.v20120810#${no.code}`, message: "planted" };
    response.writeHead(no?.status ?? 200, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(answer));
  } else {
    const xml = `<Error><Code>${no?.code}</Code><Message>planted</Message></Error>`;
    response.writeHead(no?.status ?? 200, { "content-type": "application/xml" }).end(no === undefined ? "object" : xml);
  }
}

beforeEach(async () => {
  [assumed, used, stsAnswers] = [[], [], []];
  refuses = () => undefined;
  clock = manualClock();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  endpoint = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

const region = "eu-central-1";
const stsFails =
  (status: number, code: string) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { "content-type": "text/xml" }).end(stsError(code, "planted"));
  };

function vending() {
  const sts = new STSClient({ endpoint, region, credentials: own, maxAttempts: 1 });
  const credentials = tenantCredentials({ sts, roleArn, clock, random: () => 0.5 });
  const clients = tenantClients(credentials, (identity) => dynamoClient({ endpoint, region, ...identity }));
  const store = dynamoTableStore({ clientOf: clients.clientOf, tableName: "core", clock });
  const get = async (tenant: string) => await store.tenant(tenant).get({ pk: `T#${tenant}#thing`, sk: "a" });
  return { credentials, clients, get };
}

const thrown = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => "nothing",
    (reason: unknown) => reason,
  );

test("the role is assumed with the tenant as its one tag, handed on to whatever assumes further", async () => {
  await vending().get("acme");
  expect(assumed).toEqual([
    {
      roleArn,
      sessionName: "tenant-acme",
      durationSeconds: 3600,
      tags: { tenant: "acme" },
      transitiveTagKeys: ["tenant"],
    },
  ]);
  expect(used).toEqual(["ASIA1"]);
});

test("what is no tenant id never reaches STS", async () => {
  const { credentials } = vending();
  for (const tenant of ["", "*", "a*", "a#b", "A", "a?", "${x}", "a/b"])
    await expect(credentials.of(tenant)).rejects.toBeInstanceOf(TypeError);
  expect(assumed).toEqual([]);
});

test("callers that come at once share one call to STS, and each tenant has its own", async () => {
  const { get } = vending();
  await Promise.all([get("acme"), get("acme"), get("acme"), get("beta")]);
  expect(assumed.map(({ tags }) => tags["tenant"])).toEqual(["acme", "beta"]);
  expect(used.toSorted()).toEqual(["ASIA1", "ASIA1", "ASIA1", "ASIA2"]);
});

test("renewed early, by a moment that differs from session to session", async () => {
  const { get } = vending();
  await get("acme");
  clock.advance(42 * minute);
  await get("acme");
  expect(assumed).toHaveLength(1);
  clock.advance(minute);
  await get("acme");
  expect(used).toEqual(["ASIA1", "ASIA1", "ASIA2"]);
});

test("an STS that is out when it is time to renew is not felt while the session lasts, and felt after", async () => {
  const { get } = vending();
  await get("acme");
  clock.advance(50 * minute);
  stsAnswers = [stsFails(503, "ServiceUnavailable"), stsFails(503, "ServiceUnavailable")];
  await get("acme");
  await get("acme");
  expect(assumed).toHaveLength(2); // the second `get` did not ask again at once
  clock.advance(15 * minute);
  expect(isFailure(await thrown(get("acme")), "unavailable")).toBe(true);
  await get("acme");
  expect(used.at(-1)).toBe("ASIA4");
});

test("credentials that a service calls expired or unknown are renewed once, for all who used them", async () => {
  for (const code of ["ExpiredTokenException", "UnrecognizedClientException"]) {
    [assumed, used] = [[], []];
    const { get } = vending();
    await get("acme");
    refuses = (key) => (key === "ASIA1" ? { status: 400, code } : undefined);
    await Promise.all([get("acme"), get("acme"), get("acme")]);
    expect(assumed).toHaveLength(2);
    refuses = () => ({ status: 400, code });
    const before = used.length;
    expect(isFailure(await thrown(get("acme")), "unavailable")).toBe(true);
    expect(used.length - before).toBe(2); // once more, and no more
    refuses = () => undefined;
  }
});

test("a denial is tried again with new credentials where the old ones may be out of date, and only there", async () => {
  const { get } = vending();
  refuses = (key) => (key === "ASIA1" ? { status: 400, code: "AccessDeniedException" } : undefined);
  expect(await thrown(get("acme"))).toMatchObject({ name: "AccessDeniedException" });
  expect(used).toHaveLength(1);
  clock.advance(minute);
  await get("acme");
  expect(used).toEqual(["ASIA1", "ASIA1", "ASIA2"]);
});

test("a role that refuses is a deployment to mend, and the answer says how", async () => {
  stsAnswers = [stsFails(403, "AccessDenied")];
  const reason = await thrown(vending().get("acme"));
  expect(isFailure(reason, "misconfigured")).toBe(true);
  expect(String(reason)).toContain("sts:TagSession");
});

test("the tenant used longest ago leaves, and no request that is under way with it", async () => {
  const { clients, get } = vending();
  const first = clients.clientOf("t0");
  const running = get("t0");
  for (let n = 1; n <= maxTenants; n++) clients.clientOf(`t${n}`);
  await running;
  expect(clients.clientOf(`t${maxTenants}`)).toBe(clients.clientOf(`t${maxTenants}`));
  expect(clients.clientOf("t0")).not.toBe(first);
  clients.close();
});

test("clients of S3 are vended alike", async () => {
  const { credentials } = vending();
  const clients = tenantClients(
    credentials,
    (identity) => new S3Client({ endpoint, region, forcePathStyle: true, maxAttempts: 1, ...identity }),
  );
  const read = async () =>
    await clients.clientOf("acme").send(new GetObjectCommand({ Bucket: "blobs", Key: "acme/a/b" }));
  expect(await (await read()).Body?.transformToString()).toBe("object");
  refuses = (key) => (key === "ASIA1" ? { status: 400, code: "ExpiredToken" } : undefined);
  await read();
  expect(used).toEqual(["ASIA1", "ASIA1", "ASIA2"]);
});

test("no error, and nothing that a log could print, holds a credential", async () => {
  const { get, clients, credentials } = vending();
  const errors: unknown[] = [];
  await get("acme");
  clock.advance(2 * minute);
  for (const code of ["AccessDeniedException", "ExpiredTokenException", "ValidationException", "InternalServerError"]) {
    refuses = () => ({ status: 400, code });
    errors.push(await thrown(get("acme")));
  }
  stsAnswers = [stsFails(403, "AccessDenied"), stsFails(500, "InternalFailure")];
  errors.push(await thrown(get("beta")), await thrown(get("gamma")));
  expect(errors).toHaveLength(6);
  const printed =
    inspect(errors, { depth: 12 }) + inspect([clients, clients.clientOf("acme"), credentials], { depth: 4 });
  expect(printed).toContain("AccessDeniedException");
  expect(printed).not.toMatch(/planted-(secret|token)|own-secret/);
});
