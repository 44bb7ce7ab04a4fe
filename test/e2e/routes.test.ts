/** Every operation of the contract, driven from outside: who may, what is refused, and that a refusal changes nothing. */
import { randomUUID } from "node:crypto";
import { Validator } from "@seriousme/openapi-schema-validator";
import { beforeAll, describe, expect, it } from "vitest";
import { isMutation } from "#shared/contracts/operation";
import { type OperationId, operations } from "#shared/contracts/operations";
import { type Permission, permissions } from "#shared/contracts/permissions";
import { problem } from "#shared/contracts/problem";
import { type Answer, type Client, everyItem, type Host, type Json, settledHeads, startHost } from "./host.ts";
import { bundleFiles, newCsr, verifyChain } from "./openssl.ts";
import { fill, noSuccess, type Params, type Samples, samplesFor, signedInSession } from "./samples.ts";

let host: Host;
let tenantA: Client;
let tenantB: Client;
let csr: string;
let samples: Samples;
/** Tokens of tenant A that hold everything but one permission. */
const without = new Map<Permission, Client>();

/** A PUT of a name that the caller chooses makes an object of the caller's own tenant; destinations and projections all tenants have. */
const makesItsOwn: ReadonlySet<OperationId> = new Set(["access.put-member", "circuits.reset", "projections.retry"]);

interface Ready {
  readonly own: Params;
  readonly foreign: Params;
  readonly body: object | undefined;
}
const ready = new Map<OperationId, Ready>();
const readyFor = (id: OperationId): Ready => {
  const found = ready.get(id);
  if (found === undefined) throw new Error(`${id} is not prepared`);
  return found;
};

beforeAll(async () => {
  host = await startHost({ settings: { TRSTCTL_RATE_BURST: "1000000", TRSTCTL_AUDIT_RETENTION_DAYS: "1" } });
  tenantA = host.admin;
  tenantB = host.as(await host.token({ tenant: "tenant-b", scopes: ["*"] }));
  csr = await newCsr(host.directory, "leaf", "app.example.test");
  samples = samplesFor(csr, (client) =>
    client === tenantB
      ? signedInSession(host, "tenant-b", "bootstrap-admin")
      : signedInSession(host, "default", "local-admin"),
  );
  for (const permission of new Set(operations.map((operation) => operation.permission))) {
    const scopes = permissions.filter((other) => other !== permission);
    const { token } = await tenantA.ok("POST", "/access/api-tokens", { subject: `not-${permission}`, scopes });
    without.set(permission, host.as(token));
  }
  for (const operation of operations) {
    const make = samples.paramsFor(operation);
    ready.set(operation.id, {
      own: (await make?.(tenantA)) ?? {},
      foreign: (await make?.(tenantB)) ?? {},
      body: await samples.bodyFor(operation.id, tenantA),
    });
  }
  return () => host.stop();
});

const heads = (): Promise<Json[]> => Promise.all([tenantA, tenantB].map(settledHeads));

function expectProblem(answer: Answer, status: number, more: object = {}): void {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.headers["content-type"]).toBe("application/problem+json");
  const parsed = problem.parse(answer.json);
  expect(parsed).toMatchObject({ status, ...more });
  expect(parsed.type).toBe(`urn:trstctl:problem:${parsed.code}`);
  expect(answer.headers["traceparent"]).toContain(parsed.trace_id);
  expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  expect(answer.headers["cache-control"]).toBe("no-store");
}

async function appendsNothing(work: () => Promise<void>): Promise<void> {
  const before = await heads();
  await work();
  expect(await heads()).toEqual(before);
}

const named = (some: readonly (typeof operations)[number][]) =>
  some.map((operation) => [operation.id, operation] as const);
const ownPath = ({ id, path }: (typeof operations)[number]): string => fill(path, readyFor(id).own);
const bodyOf = ({ id }: (typeof operations)[number]): object | undefined => readyFor(id).body;

describe.each(named(operations))("%s", (_, operation) => {
  const { method } = operation;

  it("refuses who has no token, or one that opens nothing: 401", () =>
    appendsNothing(async () => {
      const [, routing] = host.adminToken.split("_");
      const other = Buffer.alloc(32).toString("base64url");
      const tokens = [
        undefined,
        "garbage",
        `trst_${routing}_${other}`,
        `trst_${"a".repeat(16)}_${other}`,
        "x".repeat(400),
      ];
      for (const token of tokens) {
        const answer = await host.as(token).send(method, ownPath(operation), { body: bodyOf(operation) });
        expectProblem(answer, 401, { code: "unauthenticated" });
        expect(answer.headers["www-authenticate"]).toMatch(/^Bearer/);
      }
    }));

  it(`refuses a token without ${operation.permission}: 403`, () =>
    appendsNothing(async () => {
      const answer = await without
        .get(operation.permission)
        ?.send(method, ownPath(operation), { body: bodyOf(operation) });
      expectProblem(answer as Answer, 403, { code: "forbidden", missing: [operation.permission] });
      expect(answer?.json.detail).toContain(operation.permission);
    }));

  it("answers 405 to other methods", () =>
    appendsNothing(async () => {
      const served = operations.filter(({ path }) => path === operation.path).map((other) => other.method as string);
      for (const other of ["GET", "POST", "PUT", "DELETE", "PATCH"].filter((name) => !served.includes(name))) {
        const answer = await tenantA.send(other, ownPath(operation));
        expectProblem(answer, 405, { code: "method_not_allowed" });
        expect(answer.headers["allow"]?.split(", ").sort()).toEqual([...served].sort());
      }
    }));

  it("refuses query parameters that it does not know, and any twice: 400", () =>
    appendsNothing(async () => {
      const unknown = await tenantA.send(method, `${ownPath(operation)}?tenant=tenant-b`, { body: bodyOf(operation) });
      expectProblem(unknown, 400, { code: "invalid_field", field: "tenant" });
      for (const name of Object.keys(operation.query?.shape ?? { tenant: 0 })) {
        const twice = await tenantA.send(method, `${ownPath(operation)}?${name}=1&${name}=2`, {
          body: bodyOf(operation),
        });
        expectProblem(twice, 400, { code: "invalid_field", field: name });
        const nonsense = await tenantA.send(method, `${ownPath(operation)}?${name}=${"%00".repeat(600)}`, {
          body: bodyOf(operation),
        });
        expectProblem(nonsense, 400, { code: "invalid_field", field: name });
      }
      if (operation.query?.shape["limit"] !== undefined)
        for (const limit of ["0", "-1", "1.5", "1001", "many", ""])
          expectProblem(await tenantA.send(method, `${ownPath(operation)}?limit=${limit}`), 400, { field: "limit" });
      if (operation.query?.shape["cursor"] !== undefined)
        for (const cursor of ["!", "AA=", "_w", "bm9uc2Vuc2U"])
          expectProblem(await tenantA.send(method, `${ownPath(operation)}?cursor=${cursor}`), 400, { field: "cursor" });
    }));
});

const withParams = operations.filter(({ path }) => path.includes("{"));

describe.each(named(withParams))("%s", (id, operation) => {
  const { method } = operation;

  it("has a sample for its path parameters", () => {
    expect(samples.paramsFor(operation)).toBeDefined();
  });

  it("refuses malformed path parameters: 400", () =>
    appendsNothing(async () => {
      for (const name of Object.keys(operation.params?.shape ?? {}))
        for (const value of ["a b", "ä", "a#b", "x".repeat(201), "a\u0000", "..%2f"]) {
          const path = fill(operation.path, { ...readyFor(id).own, [name]: value });
          expectProblem(await tenantA.send(method, path, { body: bodyOf(operation) }), 400, {
            code: "invalid_field",
            field: name,
          });
        }
      const broken = operation.path.replace(/\{\w+\}/, "%ff").replace(/\{\w+\}/g, "1");
      const answer = await tenantA.send(method, broken, { body: bodyOf(operation) });
      expect([400, 404], answer.text).toContain(answer.status);
    }));
});

describe.each(named(withParams.filter(({ id }) => !makesItsOwn.has(id))))("%s", (id, operation) => {
  const { method } = operation;

  it("shows another tenant's object to nobody: 404, whatever header claims the tenant", () =>
    appendsNothing(async () => {
      const foreign = fill(operation.path, readyFor(id).foreign);
      const headers = {
        "x-tenant": "tenant-b",
        "x-tenant-id": "tenant-b",
        tenant: "tenant-b",
        "x-project": "tenant-b",
      };
      const answer = await tenantA.send(method, foreign, { body: bodyOf(operation), headers });
      expectProblem(answer, 404, { code: "not_found" });
      // The same words as for what nobody has.
      const nobody = Object.fromEntries(
        Object.keys(readyFor(id).foreign).map((name) => [name, name === "version" ? "1" : randomUUID()]),
      );
      const unknown = await tenantA.send(method, fill(operation.path, nobody), { body: bodyOf(operation) });
      expectProblem(unknown, 404, { code: "not_found" });
      const anonymous = (text: string, params: Params): string =>
        Object.values(params)
          .sort((a, b) => b.length - a.length)
          .reduce((left, value) => left.replaceAll(value, "*"), text);
      expect(anonymous(answer.json.detail, readyFor(id).foreign)).toBe(anonymous(unknown.json.detail, nobody));
    }));
});

describe.each(named(operations.filter(isMutation)))("%s", (_, operation) => {
  const { method } = operation;

  it("wants a usable Idempotency-Key: 400", () =>
    appendsNothing(async () => {
      const missing = await tenantA.send(method, ownPath(operation), { body: bodyOf(operation), key: null });
      expectProblem(missing, 400, { code: "idempotency_key_missing", field: "Idempotency-Key" });
      const otherName = await tenantA.send(method, ownPath(operation), {
        body: bodyOf(operation),
        key: null,
        headers: { "x-idempotency-key": randomUUID() },
      });
      expectProblem(otherName, 400, { code: "idempotency_key_missing" });
      for (const key of ["short", "with a space", "x".repeat(201)])
        expectProblem(await tenantA.send(method, ownPath(operation), { body: bodyOf(operation), key }), 400, {
          field: "Idempotency-Key",
        });
    }));

  it("refuses a body that is no JSON object: 400, 413, 415", () =>
    appendsNothing(async () => {
      const text = JSON.stringify(bodyOf(operation) ?? {});
      for (const raw of [
        "{",
        `${text}${text}`,
        "[]",
        `[${text}]`,
        '"x"',
        "1",
        "null",
        "\u0000",
        "{}\n{}",
        Buffer.from([0xff, 0xfe]),
      ])
        expectProblem(await tenantA.send(method, ownPath(operation), { raw }), 400, { code: "malformed" });
      const big = `{"csr":"${"A".repeat(256 * 1024)}"}`;
      for (const headers of [{}, { "transfer-encoding": "chunked" }] as Readonly<Record<string, string>>[])
        expectProblem(await tenantA.send(method, ownPath(operation), { raw: big, headers }), 413, {
          code: "too_large",
        });
      for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml"])
        expectProblem(
          await tenantA.send(method, ownPath(operation), { raw: `${text} `, headers: { "content-type": type } }),
          415,
          { code: "not_acceptable_media" },
        );
    }));

  it("names the field that it does not know, lacks or cannot read: 400", () =>
    appendsNothing(async () => {
      const accepted = { ...bodyOf(operation) } as Record<string, unknown>;
      const withTenant = await tenantA.send(method, ownPath(operation), { body: { ...accepted, tenant: "tenant-b" } });
      expectProblem(withTenant, 400, { code: "invalid_field", field: "tenant" });
      const polluted = await tenantA.send(method, ownPath(operation), { raw: '{"__proto__":{"tenant":"tenant-b"}}' });
      expectProblem(polluted, 400, { code: "invalid_field" });
      for (const [field, schema] of Object.entries(operation.body?.shape ?? {})) {
        const unreadable = await tenantA.send(method, ownPath(operation), { body: { ...accepted, [field]: null } });
        expectProblem(unreadable, 400, { code: "invalid_field", field });
        if (schema.safeParse(undefined).success) continue;
        const { [field]: _, ...rest } = accepted;
        expectProblem(await tenantA.send(method, ownPath(operation), { body: rest }), 400, {
          code: "invalid_field",
          field,
        });
      }
    }));
});

describe("what the caller may do", () => {
  it.each(named(operations.filter(({ id }) => !noSuccess.has(id))))(
    "%s answers what its contract says, and no more",
    async (id, operation) => {
      const params = (await samples.paramsFor(operation)?.(tenantA)) ?? {};
      const answer = await tenantA.send(operation.method, fill(operation.path, params), {
        body: await samples.bodyFor(id, tenantA),
      });
      expect(answer.status, answer.text).toBe(operation.status);
      if (operation.response === undefined) expect(answer.bytes).toHaveLength(0);
      // An object that is not strict drops what it does not know: the answer then is not what was parsed.
      else expect(operation.response.parse(answer.json)).toStrictEqual(answer.json);
      for (const header of ["content-security-policy", "x-frame-options", "referrer-policy"])
        expect(answer.headers[header], header).toBeDefined();
      // On this loopback name it would bind every other port of it too.
      expect(answer.headers["strict-transport-security"]).toBeUndefined();
    },
  );

  it("a member of the same name in another tenant is another member", async () => {
    const { subject } = readyFor("access.put-member").foreign as { subject: string };
    const memberIn = async (client: Client): Promise<Json> =>
      (await everyItem(client, "/access/members")).find((item) => item.subject === subject);
    const before = await memberIn(tenantB);
    await tenantA.ok("PUT", `/access/members/${subject}`, { roles: ["auditor"] });
    expect(await memberIn(tenantB)).toEqual(before);
    expect((await memberIn(tenantA)).roles).toEqual(["auditor"]);
  });
});

describe("tenants", () => {
  it("references to another tenant's objects are references to nothing: 422", () =>
    appendsNothing(async () => {
      const foreignOwner = readyFor("owners.get").foreign["id"];
      const foreignIssuer = readyFor("issuers.get").foreign["id"];
      const foreignProfile = readyFor("profiles.get").foreign["name"];
      const foreignEndpoint = readyFor("enrolment-endpoints.get").foreign["label"];
      const ownOwner = readyFor("owners.get").own["id"];
      const cases = [
        ["/identities", { name: "x", owner_id: foreignOwner }, "owner_id"],
        ["/identities", { name: "x", owner_id: ownOwner, issuer_id: foreignIssuer }, "issuer_id"],
        ["/identities", { name: "x", owner_id: ownOwner, profile: foreignProfile }, "profile"],
        ["/certificates", { csr, issuer_id: foreignIssuer }, "issuer_id"],
        ["/certificates", { csr, profile: foreignProfile }, "profile"],
        ["/certificates", { csr, profile: `${foreignProfile}@1` }, "profile"],
        ["/profiles", { name: "x", spec: { issuer_id: foreignIssuer } }, "spec.issuer_id"],
        ["/enrolment-endpoints", { label: "foreign", issuer_id: foreignIssuer }, "issuer_id"],
        ["/enrolment-endpoints", { label: "foreign", profile: foreignProfile }, "profile"],
        ["/enrolment-endpoints", { label: "foreign", owner_id: foreignOwner }, "owner_id"],
        ["/enrolment-credentials", { endpoint: foreignEndpoint }, "endpoint"],
      ] as const;
      for (const [path, body, field] of cases)
        expectProblem(await tenantA.send("POST", path, { body }), 422, { code: "unprocessable", field });
    }));

  it("a reference to an owner that does not exist changes nothing, and signs nothing", () =>
    appendsNothing(async () => {
      const before = await tenantA.ok("POST", "/audit/reconcile", {});
      const answer = await tenantA.send("POST", "/certificates", { body: { csr, owner_id: "nobody" } });
      expectProblem(answer, 422, { code: "unprocessable", field: "owner_id" });
      const after = await tenantA.ok("POST", "/audit/reconcile", {});
      expect(after.signatures).toBe(before.signatures);
    }));

  it("lists hold one tenant's objects only", async () => {
    const names = [
      "/owners",
      "/issuers",
      "/identities",
      "/certificates",
      "/access/api-tokens",
      "/access/members",
      "/outbox",
      "/enrolment-endpoints",
      "/enrolment-credentials",
      "/enrolment-requests",
    ];
    for (const path of names) {
      const ids = async (client: Client): Promise<string[]> =>
        (await everyItem(client, path)).map((item) => item.id ?? item.subject ?? item.label);
      const [ofA, ofB] = [await ids(tenantA), await ids(tenantB)];
      expect(ofA.length * ofB.length, path).toBeGreaterThan(0);
      const shared = path === "/access/members" ? [readyFor("access.put-member").foreign["subject"]] : [];
      expect(
        ofA.filter((id) => ofB.includes(id) && !shared.includes(id)),
        path,
      ).toEqual([]);
    }
  });

  it("a leaf of tenant B verifies under its own root and not under tenant A's", async () => {
    const leaf = await tenantB.ok("POST", "/certificates", { csr });
    const pem = [leaf.certificate, ...leaf.chain].join("");
    const [rootA, rootB] = await Promise.all([tenantA, tenantB].map((client) => client.ok("GET", "/issuers/root")));
    expect((await verifyChain(bundleFiles(host.directory, "own", pem, rootB.certificate))).code).toBe(0);
    const refused = await verifyChain(bundleFiles(host.directory, "foreign", pem, rootA.certificate));
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("unable to get local issuer certificate");
  });

  it("the product's own tenant has no token, and gets none", async () => {
    const answer = await host.socket("POST", "/admin/tokens", { tenant: "system", scopes: ["*"] });
    expect(answer.status).toBe(403);
    const { json } = await host.socket("GET", "/admin/tenants");
    expect(json.items.map(({ id }: Json) => id).sort()).toEqual(["default", "tenant-b"]);
  });
});

describe("beside the operations", () => {
  it("serves a valid OpenAPI 3.1 document in which every operation stands", async () => {
    const { status, json, headers } = await host.as(undefined).send("GET", "/openapi.json");
    expect([status, headers["content-type"]]).toEqual([200, "application/json"]);
    expect(json.openapi).toMatch(/^3\.1\./);
    expect(await new Validator().validate(json)).toMatchObject({ valid: true });
    const described = Object.entries<object>(json.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(operations.map(({ method, path }) => `${method} /api/v1${path}`).sort());
  });

  it("answers health, readiness and metrics without a token, and 404 to what it does not know", async () => {
    const anybody = host.as(undefined);
    expect((await anybody.send("GET", "//healthz")).json).toEqual({ status: "ok" });
    const ready = await anybody.send("GET", "//readyz");
    expect([ready.status, ready.json.parts]).toEqual([200, { store: "ok", signer: "ok" }]);
    expect((await anybody.send("GET", "//metrics")).text).toMatch(
      /^trstctl_http_requests_total\{.*route="\/api\/v1\/owners"/m,
    );
    for (const path of ["//", "//api/v1", "//api/v1/nothing", "//api/v2/owners", "//ocsp/x", "//admin/tokens"])
      expectProblem(await tenantA.send("GET", path), 404, { code: "not_found" });
  });

  it("takes the caller's trace along", async () => {
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01` };
    const { json, headers: answered } = await tenantA.send("GET", "/nothing", { headers });
    expect(json.trace_id).toBe(trace);
    expect(answered["traceparent"]).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
  });
});
