/** What a caller of the API sends: bodies, headers, cursors, tokens, whole requests. */
import { isDeepStrictEqual } from "node:util";
import { createAdminApp } from "#functions/admin/app";
import { createApi } from "#functions/api/app";
import type { BoundDeps } from "#functions/function";
import { createRevocationApp } from "#functions/revocation/app";
import { tokenBuckets } from "#shared/adapters/local/limiter";
import { profileSpec } from "#shared/contracts/api/profiles";
import { operations } from "#shared/contracts/operations";
import { assertProfileSpec, evaluateProfile } from "#shared/domain/profile/evaluate";
import { bearerAuthentication } from "#shared/http/bearer";
import { readSessionCookie } from "#shared/http/session-cookie";
import { readTransactionCookie, transactionCookie } from "#shared/http/transaction-cookie";
import { readJson } from "#shared/http/body";
import { decodeCursor, encodeCursor } from "#shared/http/cursor";
import { assertHost } from "#shared/http/host-guard";
import { idempotencyKeyOf } from "#shared/http/idempotency";
import { createPool } from "#shared/http/pool";
import { traceOf } from "#shared/http/trace";
import { validate } from "#shared/http/validate";
import { utf8 } from "#shared/kernel/bytes";
import { Failure, isFailure } from "#shared/kernel/failure";
import { canonicalName, subjectNameTypes } from "#shared/pki/general-name";
import { authenticateToken } from "#shared/usecases/tokens";
import { fill, requestSeeds } from "../seeds/requests.ts";
import { ocspRequestSeeds } from "../seeds/x509.ts";
import { Finding, holds, type Target } from "../target.ts";

const textOf = (input: Uint8Array): string => Buffer.from(input).toString("utf8");
const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value));

/** An object, whatever the bytes are: what is no JSON object is an empty one. */
function objectOf(input: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(textOf(input));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export const jsonBody: Target = {
  async run(input) {
    const { buffer } = new Uint8Array(input);
    const body = new Request("http://x/", {
      method: "POST",
      body: buffer,
      headers: { "content-type": "application/json" },
    });
    const value = await readJson(body, 3_000);
    holds(typeof value === "object" && !Array.isArray(value), "one object");
  },
  refusals: ["malformed", "too_large", "not_acceptable_media"],
  format: "json",
  seeds: () => [json({ a: [1, { b: null }], c: "x" }), utf8('{"__proto__":{"a":1},"a":1e999}'), utf8("[[[[]]]]")],
};

/** Every schema of the contract: what it accepts it accepts again, as the same. */
export const apiBodies: Target = {
  run(input) {
    const given = objectOf(input);
    const operation =
      operations.find(({ id }) => id === given["operation"]) ?? operations[input.length % operations.length];
    if (operation === undefined) return;
    for (const part of ["params", "query", "body"] as const) {
      const schema = operation[part];
      if (schema === undefined) continue;
      try {
        const value: unknown = validate(schema, given[part] ?? {});
        holds(
          isDeepStrictEqual(validate(schema, JSON.parse(JSON.stringify(value))), value),
          "another value the second time",
        );
      } catch (error) {
        if (!isFailure(error, "invalid_field")) throw error;
      }
    }
  },
  refusals: [],
  format: "json",
  seeds: requestSeeds,
  dictionary: operations.map(({ id }) => id),
};

const noToken = bearerAuthentication(() => Promise.resolve(undefined));

export const headers: Target = {
  async run(input) {
    const headers = new Headers();
    for (const [name, value] of Object.entries(objectOf(input)))
      try {
        headers.append(name, String(value));
      } catch {
        // no header that HTTP could carry
      }
    const { id, traceparent } = traceOf(headers.get("traceparent"));
    holds(/^[0-9a-f]{32}$/.test(id) && new RegExp(`^00-${id}-[0-9a-f]{16}-[0-9a-f]{2}$`).test(traceparent), "trace");
    const cookie = readSessionCookie(headers, "https://localhost:8443");
    holds(cookie === undefined || (headers.get("cookie") ?? "").includes(cookie), "cookie");
    const begun = readTransactionCookie(headers, "https://localhost:8443");
    holds(begun.length <= 4 && begun.every((secret) => /^[\w-]{43}$/.test(secret)), "transaction cookie");
    holds(begun.length === 0 || transactionCookie(begun, "https://localhost:8443").includes(begun.join(".")), "again");
    const refusals: unknown[] = [];
    for (const read of [
      async () => assertHost(headers, ["localhost", "::1"]),
      async () => idempotencyKeyOf(headers),
      () => noToken(headers),
    ])
      try {
        await read();
      } catch (error) {
        refusals.push(error);
      }
    for (const error of refusals) if (!(error instanceof Failure) || !headerRefusals.includes(error.code)) throw error;
  },
  refusals: [],
  format: "json",
  seeds: () => [
    json({
      host: "localhost:8443",
      origin: "https://localhost:8443",
      "idempotency-key": "12345678",
      authorization: "Bearer abc",
      traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
    }),
    json({ cookie: `__Host-trstctl-8443=a; __Host-trstctl-8443-sign-in=${"A".repeat(43)}.${"b".repeat(43)}` }),
    json({ host: "[::1]:8443", origin: "null", traceparent: `cc-${"a".repeat(32)}-${"b".repeat(16)}-01-more` }),
  ],
  dictionary: [
    "host",
    "origin",
    "traceparent",
    "authorization",
    "idempotency-key",
    "http://",
    "[",
    "]",
    ":",
    "localhost",
  ],
};

const headerRefusals: readonly string[] = [
  "host_refused",
  "invalid_field",
  "idempotency_key_missing",
  "unauthenticated",
];

export const cursor: Target = {
  run(input) {
    const position = decodeCursor("owners.list", textOf(input));
    if (position === undefined) throw new Finding("a cursor was taken for none");
    if (position === "") return;
    holds(decodeCursor("owners.list", encodeCursor("owners.list", position) ?? "") === position, "another position");
  },
  refusals: ["invalid_field"],
  seeds: () =>
    ["a", "é", "0190a0b0-0000-7000-8000-000000000001"].map((at) => utf8(encodeCursor("owners.list", at) ?? "")),
};

/** Somebody else's token everywhere: no text may open it. */
export const token: Target = {
  async run(input) {
    const stored = { secret_sha256: "0".repeat(64), subject: "s", scopes: ["*"], revoked_at: null, expires_at: null };
    const deps = {
      directory: { resolve: () => Promise.resolve({ tenant: "acme", id: "t-1" }) },
      log: { load: () => Promise.resolve({ kind: "token", id: "t-1", rev: 1, state: stored, origin: undefined }) },
      clock: { now: () => 0 },
    } as unknown as Parameters<typeof authenticateToken>[0];
    holds((await authenticateToken(deps, textOf(input))) === undefined, "a token was accepted");
  },
  refusals: [],
  seeds: () => [`trst_${"a".repeat(16)}_${"B".repeat(43)}`, "trst_", `trst_${"a".repeat(16)}_`].map(utf8),
};

const labels = (domain: string): string[] => domain.split(".").toReversed();
const below = (host: string, domain: string): boolean => labels(domain).every((label, i) => labels(host)[i] === label);

/** Profile rules against names: what is granted lies within the lists, as another matcher sees it. */
export const profileRules: Target = {
  run(input) {
    const given = objectOf(input);
    const spec = validate(profileSpec, given["spec"] ?? {});
    assertProfileSpec(spec, ["est"]);
    const raw = Array.isArray(given["names"]) ? (given["names"] as unknown[]) : [];
    const names = raw.slice(0, 20).map((name, i) => {
      const type = subjectNameTypes[i % subjectNameTypes.length] ?? "dns";
      return canonicalName(type, String(name), "names");
    });
    const profile = { name: "p", version: 1, spec } as unknown as Parameters<typeof evaluateProfile>[0];
    evaluateProfile(profile, {
      protocol: "api",
      key: { algorithm: "P-256", bits: 256 },
      names,
      validitySeconds: undefined,
    });
    const limited = [
      spec.allowed_dns_suffixes,
      spec.allowed_ip_cidrs,
      spec.allowed_email_domains,
      spec.allowed_uri_prefixes,
    ];
    if (limited.every((list) => list.length === 0)) return;
    for (const { type, value } of names) {
      if (type !== "dns") continue;
      const host = value.replace(/^\*\./, "");
      const within = spec.allowed_dns_suffixes.some((suffix) =>
        below(host, suffix.toLowerCase().replace(/^\./, "").replace(/\.$/, "")),
      );
      holds(within, `${value} is outside the profile`);
    }
  },
  refusals: ["invalid_field", "unprocessable"],
  format: "json",
  seeds: () => [
    json({
      spec: {
        allowed_dns_suffixes: ["example.test", ".b.test."],
        allowed_ip_cidrs: ["10.0.0.0/8", "fd00::/8"],
        allowed_email_domains: ["example.test"],
        allowed_uri_prefixes: ["spiffe://example.test/"],
        allow_wildcards: true,
      },
      names: ["www.example.test", "10.1.2.3", "a@example.test", "spiffe://example.test/a", "*.b.test", "fd00::1"],
    }),
    json({ names: ["a.test"] }),
  ],
  dictionary: [
    "allowed_dns_suffixes",
    "allowed_ip_cidrs",
    "allowed_email_domains",
    "allowed_uri_prefixes",
    "allow_wildcards",
    "0.0.0.0/0",
    "::/0",
    "::ffff:10.0.0.1",
    "fe80::1%eth0",
    "..",
    "%2e",
  ],
};

/** Ports that hold nothing: everything is looked up and not found, nothing can be written. */
export function emptyHouse(reported: unknown[]): BoundDeps {
  const unavailable = () => Promise.reject(new Failure("unavailable", "there is nothing behind this"));
  return {
    log: {
      load: (_tenant: string, kind: string, id: string) =>
        Promise.resolve({ kind, id, rev: 0, state: undefined, origin: undefined }),
      list: () => Promise.resolve({ items: [] }),
      read: () => Promise.resolve([]),
      heads: () => Promise.resolve([]),
      links: () => Promise.resolve([]),
      snapshots: () => Promise.resolve([]),
      replayOf: () => Promise.resolve(undefined),
      commit: unavailable,
    },
    tables: {
      tenant: () => ({
        get: () => Promise.resolve(undefined),
        query: () => Promise.resolve({ items: [] }),
        transact: unavailable,
      }),
    },
    signer: { generateKey: unavailable, sign: unavailable, journal: () => Promise.resolve([]), health: unavailable },
    directory: {
      resolve: () => Promise.resolve({ tenant: "acme", id: "x" }),
      reserve: unavailable,
      release: unavailable,
      tenants: () => Promise.resolve([]),
    },
    blob: {
      get: () => Promise.resolve(undefined),
      put: unavailable,
      delete: unavailable,
      list: () => Promise.resolve([]),
    },
    clock: { now: () => 1_700_000_000_000 },
    limiter: boundless(),
    enrolmentLimits: { perSubject: boundless(), perName: boundless() },
    protocols: ["acme"],
    logPlace: { lanes: 1, region: undefined },
    revocationBaseUrl: "http://r.example.test",
    hostnames: ["localhost"],
    publicUrl: "https://localhost:8443",
    origins: new Set(["https://localhost:8443"]),
    shortLived: {
      get: () => Promise.resolve(undefined),
      put: unavailable,
      replace: unavailable,
      take: unavailable,
      list: unavailable,
    },
    systemTenant: "system",
    revocationHostnames: new Set(["localhost"]),
    authenticate: () => Promise.resolve({ tenant: "acme", subject: "tester", roles: [], scopes: ["*"] }),
    fingerprintKey: () => new Uint8Array(32),
    ready: () => Promise.resolve({ store: "ok" }),
    report: (error: unknown) => void reported.push(error),
    pool: createPool(8),
  } as unknown as BoundDeps;
}

const boundless = () =>
  tokenBuckets({ capacity: 1e9, refillPerSecond: 1e9, clock: { now: () => 1_700_000_000_000 }, maxBuckets: 10 });

/** A request from a JSON object `{method, path, headers, body, base64}`; undefined for what HTTP cannot carry. */
function requestOf(input: Uint8Array): Request | undefined {
  const { method, path, headers: given, body, base64 } = objectOf(input);
  try {
    const bytes = typeof base64 === "string" ? Buffer.from(base64, "base64") : JSON.stringify(body ?? null);
    const verb = typeof method === "string" ? method : "GET";
    return new Request(new URL(String(path), "http://localhost/"), {
      method: verb,
      headers: {
        host: "localhost",
        "content-type": "application/json",
        "idempotency-key": "12345678",
        ...(given as object),
      },
      ...(verb !== "GET" && verb !== "HEAD" && { body: bytes }),
    });
  } catch {
    return undefined;
  }
}

type App = (deps: BoundDeps) => { fetch(request: Request): Response | Promise<Response> };

/** Whatever is asked: an answer, and no defect of ours in the operator's log. */
function whole(createApp: App, seeds: Target["seeds"]): Target {
  const reported: unknown[] = [];
  let app: ReturnType<App> | undefined;
  return {
    async run(input) {
      app ??= createApp(emptyHouse(reported));
      const request = requestOf(input);
      if (request === undefined) return;
      reported.length = 0;
      const response = await app.fetch(request);
      await response.arrayBuffer();
      const defect = reported.find((error) => !isFailure(error, "unavailable"));
      if (defect !== undefined) throw new Finding("a defect is reported", { cause: defect });
      holds(response.status < 500 || response.status === 503, `status ${response.status}`);
    },
    refusals: [],
    format: "json",
    seeds,
    dictionary: operations.map(({ path }) => `/api/v1${path}`),
  };
}

export const api = whole(createApi, () =>
  operations.map((operation) => {
    const sample = objectOf(
      requestSeeds().find((seed) => objectOf(seed)["operation"] === operation.id) ?? new Uint8Array(0),
    );
    return json({ method: operation.method, path: `/api/v1${fill(operation.path)}`, body: sample["body"] });
  }),
);

const issuer = "a".repeat(20);

export const revocation = whole(createRevocationApp, () => [
  ...ocspRequestSeeds().flatMap((der) => {
    const base64 = Buffer.from(der).toString("base64");
    return [
      json({
        method: "POST",
        path: `/ocsp/${issuer}`,
        headers: { "content-type": "application/ocsp-request" },
        base64,
      }),
      json({ path: `/ocsp/${issuer}/${encodeURIComponent(base64)}` }),
    ];
  }),
  json({ path: `/crl/${issuer}/0.crl`, headers: { "if-none-match": 'W/"a", "b"' } }),
  json({ path: `/ca/${issuer}.cer` }),
]);

export const admin = whole(createAdminApp, () => [
  json({
    method: "POST",
    path: "/admin/tokens",
    body: { tenant: "acme", tenant_name: "A", subject: "s", scopes: ["owners:read"] },
  }),
  json({ path: "/admin/tenants" }),
  json({ path: "/admin/tls-root" }),
  json({ method: "POST", path: "/admin/failovers", body: { tenant: "acme" } }),
]);
