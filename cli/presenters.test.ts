import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { cliSession, makeAuthority, type Answer, type CliSession } from "./fake-host.ts";

const authority = makeAuthority();
const time = "2030-01-01T00:00:00.000Z";
const pem = (what: string): string => `-----BEGIN CERTIFICATE-----\n${what}\n-----END CERTIFICATE-----\n`;

const certificate = {
  id: "iss-0a",
  kind: "leaf",
  serial: "0a",
  status: "active",
  subject: "CN=leaf",
  sans: ["a.example"],
  issuer_id: "iss",
  profile: "default",
  protocol: "api",
  endpoint: null,
  identity_id: null,
  owner_id: null,
  replaces_id: null,
  replaced_by_id: null,
  key_algorithm: "P-256",
  fingerprint: "ff",
  not_before: time,
  not_after: "2030-03-01T00:00:00.000Z",
  revoked_at: null,
  revocation_reason: null,
  created_at: time,
  certificate: pem("LEAF"),
  chain: [pem("ISSUING")],
};
const identity = {
  id: "idn-1",
  kind: "x509_certificate",
  name: "web",
  owner_id: "own-1",
  issuer_id: null,
  profile: null,
  dns_names: [],
  status: "issued",
  certificate_id: "iss-0a",
  failure: null,
  attributes: {},
  history: [],
  created_at: time,
  updated_at: time,
};
const key = "-----BEGIN PRIVATE KEY-----\nKEY\n-----END PRIVATE KEY-----\n";

async function session(answer: (nth: number) => Answer): Promise<CliSession> {
  let nth = 0;
  const made = await cliSession(authority, () => answer((nth += 1)));
  onTestFinished(made.close);
  return made;
}

test("certificates issue: request read from the file, leaf then issuing CA written, id and validity said", async () => {
  const host = await session(() => ({ status: 201, body: certificate }));
  const [csr, out] = [join(host.directory, "leaf.csr"), join(host.directory, "leaf.pem")];
  writeFileSync(csr, "-----BEGIN CERTIFICATE REQUEST-----\nX\n-----END CERTIFICATE REQUEST-----\n");
  const result = await host.trstctl([
    "certificates",
    "issue",
    "--csr",
    csr,
    "--out",
    out,
    "--validity-seconds",
    "3600",
  ]);
  expect(result).toMatchObject({ code: 0, note: "" });
  expect(result.out).toMatch(/^id +iss-0a$/m);
  expect(result.out).toMatch(/^serial +0a$/m);
  expect(result.out).toMatch(/^valid until +2030-03-01/m);
  expect(readFileSync(out, "utf8")).toBe(pem("LEAF") + pem("ISSUING"));
  const [request] = host.seen;
  expect(request).toMatchObject({ method: "POST", url: "/api/v1/certificates" });
  expect(request?.headers).toMatchObject({ authorization: "Bearer trst_secret", "content-type": "application/json" });
  expect(request?.headers["idempotency-key"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  expect(JSON.parse(request?.body ?? "")).toEqual({ csr: readFileSync(csr, "utf8").trim(), validity_seconds: 3600 });
});

test("without --out the PEM alone is the output; with --output json the API's JSON is", async () => {
  const host = await session(() => ({ status: 201, body: certificate }));
  const plain = await host.trstctl(["certificates", "issue", "--csr", "-"], { input: "X" });
  expect(plain.out).toBe(pem("LEAF") + pem("ISSUING"));
  expect(plain.note).toContain("iss-0a");
  const asJson = await host.trstctl(["certificates", "issue", "--csr", "-", "--output", "json"], { input: "X" });
  expect(JSON.parse(asJson.out)).toEqual(certificate);
});

test.each([
  [401, "trstctl token create"],
  [403, "access create-token"],
  [404, "list"],
  [409, "look at the object again"],
  [429, "wait, then repeat"],
  [500, "host's log"],
  [302, "sends elsewhere"],
] as const)("%i without a problem document still says what to do", async (status, hint) => {
  const host = await session(() => ({ status, body: "<html>" }));
  const result = await host.trstctl(["owners", "list"]);
  expect(result.code).toBe(1);
  expect(result.note).toContain(hint);
});

const withKey = { ...identity, certificate, private_key: key, private_key_status: "shown" };
const transitionWords = ["identities", "transition", "idn-1", "--to", "issued", "--generate-key"];

test("a private key goes into a new file of mode 0600, and is then shown nowhere", async () => {
  const host = await session(() => ({ status: 200, body: withKey }));
  const file = join(host.directory, "key.pem");
  const result = await host.trstctl([...transitionWords, "--key-out", file, "--out", join(host.directory, "leaf.pem")]);
  expect(result.code).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(key);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(host.directory, "leaf.pem"), "utf8")).toContain("ISSUING");
  expect(result.out + result.note).not.toContain("PRIVATE");
  const asJson = await host.trstctl([
    ...transitionWords,
    "--key-out",
    join(host.directory, "other.pem"),
    "--output",
    "json",
  ]);
  expect(asJson.out).not.toContain("PRIVATE");
});

test("an existing key file is refused before anything is sent; a refused request leaves no file", async () => {
  const host = await session(() => ({ status: 409, body: { detail: "no", code: "invalid_transition" } }));
  const file = join(host.directory, "key.pem");
  writeFileSync(file, "precious");
  const refused = await host.trstctl([...transitionWords, "--key-out", file]);
  expect(refused.code).toBe(2);
  expect(host.seen).toHaveLength(0);
  expect(readFileSync(file, "utf8")).toBe("precious");
  const fresh = join(host.directory, "fresh.pem");
  expect((await host.trstctl([...transitionWords, "--key-out", fresh])).code).toBe(1);
  expect(existsSync(fresh)).toBe(false);
});

test("without --key-out the key is the only output, with a warning beside it", async () => {
  const host = await session(() => ({ status: 200, body: withKey }));
  const result = await host.trstctl(transitionWords);
  expect(result.out).toBe(key);
  expect(result.note).toContain("warning");
});

test("a key that was shown already is a failure with the way out", async () => {
  const host = await session(() => ({
    status: 200,
    body: { ...withKey, private_key: null, private_key_status: "already_shown" },
  }));
  const file = join(host.directory, "key.pem");
  const result = await host.trstctl([...transitionWords, "--key-out", file]);
  expect(result.code).toBe(1);
  expect(result.note).toContain("--to renewing --generate-key");
  expect(existsSync(file)).toBe(false);
});

test("access create-token: the token alone on standard output", async () => {
  const minted = {
    id: "tok-1",
    subject: "ci",
    scopes: ["certs:read"],
    created_at: time,
    created_by: "me",
    expires_at: null,
    revoked_at: null,
    revoked_by: null,
    revocation_reason: null,
    client: null,
  };
  const host = await session((nth) => ({
    status: 201,
    body:
      nth === 1
        ? { ...minted, token: "trst_once", token_status: "shown" }
        : { ...minted, token: null, token_status: "already_shown" },
  }));
  const words = ["access", "create-token", "--subject", "ci", "--scopes", "certs:read,certs:request"];
  const result = await host.trstctl(words);
  expect(result).toMatchObject({ code: 0, out: "trst_once\n" });
  expect(result.note).toContain("tok-1");
  expect(JSON.parse(host.seen[0]?.body ?? "")).toEqual({ subject: "ci", scopes: ["certs:read", "certs:request"] });
  expect(await host.trstctl(words)).toMatchObject({ code: 1, out: "" });
});

test("enrolment-credentials create: the secret alone on standard output, and lost when it was shown before", async () => {
  const credential = {
    id: "c1",
    endpoint: "web",
    names: [],
    max_uses: 1,
    uses: 0,
    expires_at: time,
    revoked_at: null,
    revoked_by: null,
    created_at: time,
    created_by: "me",
  };
  const host = await session((nth) => ({
    status: 201,
    body: {
      ...credential,
      ...(nth === 1 ? { secret: "once", secret_status: "shown" } : { secret: null, secret_status: "already_shown" }),
    },
  }));
  const words = ["enrolment-credentials", "create", "--endpoint", "web", "--max-uses", "0"];
  const result = await host.trstctl(words);
  expect(result).toMatchObject({ code: 0, out: "once\n" });
  expect(result.note).toContain("c1");
  expect(JSON.parse(host.seen[0]?.body ?? "")).toEqual({ endpoint: "web", max_uses: 0 });
  const again = await host.trstctl(words);
  expect(again).toMatchObject({ code: 1, out: "" });
  expect(again.note).toContain("enrolment-credentials delete c1");
});

test("--output yaml and --query: all of an answer, or the part that was asked for", async () => {
  const list = { items: [certificate, { ...certificate, id: "iss-0b" }], next_cursor: "c2" };
  const host = await session(() => ({ status: 200, body: list }));
  const certificates = (...words: string[]) => host.trstctl(["certificates", "list", ...words]);
  expect(parse((await certificates("-o", "yaml")).out)).toEqual(list);
  expect(await certificates("--query", "items[*].id")).toMatchObject({ code: 0, out: "iss-0a\niss-0b\n" });
  expect((await certificates("--query", "items[*].id")).note).toContain("--cursor c2");
  expect(JSON.parse((await certificates("--query", "items[1].id", "-o", "json")).out)).toBe("iss-0b");
  expect(parse((await certificates("--query", "items[*].sans", "-o", "yaml")).out)).toEqual([
    ["a.example"],
    ["a.example"],
  ]);
  expect((await certificates("--query", "items")).out).toMatch(/^ID +SUBJECT.*\niss-0a +CN=leaf/);
  expect((await certificates("--query", "items[0]")).out).toMatch(/^serial +0a$/m);
  expect((await certificates("--query", "next_cursor")).out).toBe("c2\n");
  expect(await certificates("--query", "items[7]")).toMatchObject({ code: 1, out: "" });
});

test("text that a query finds is shown as it is", async () => {
  const host = await session(() => ({ status: 200, body: certificate }));
  const result = await host.trstctl(["certificates", "get", "iss-0a", "--query", "certificate"]);
  expect(result).toMatchObject({ code: 0, out: certificate.certificate });
});

test("a query that no answer has is refused before the request, so that no secret is lost to a slip", async () => {
  const host = await session(() => ({ status: 200, body: {} }));
  const mint = ["access", "create-token", "--subject", "ci", "--scopes", "certs:read"];
  for (const query of ["tokn", "token.text", "token["]) {
    const result = await host.trstctl([...mint, "--query", query]);
    expect(result).toMatchObject({ code: 2, out: "" });
    expect(result.note).toContain("--query");
  }
  expect(host.seen).toHaveLength(0);
});

test("a query that leaves the secret out, or finds nothing, does not lose it", async () => {
  const minted = {
    id: "tok-1",
    subject: "ci",
    scopes: ["certs:read"],
    created_at: time,
    created_by: "me",
    expires_at: null,
    revoked_at: null,
    revoked_by: null,
    revocation_reason: null,
    client: null,
    token: "trst_once",
    token_status: "shown",
  };
  const host = await session(() => ({ status: 201, body: minted }));
  const mint = ["access", "create-token", "--subject", "ci", "--scopes", "certs:read"];
  expect(await host.trstctl([...mint, "--query", "token"])).toMatchObject({ code: 0, out: "trst_once\n", note: "" });
  const other = await host.trstctl([...mint, "--query", "id"]);
  expect(other).toMatchObject({ code: 0, out: "tok-1\n" });
  expect(other.note).toContain("trst_once");
  const nothing = await host.trstctl([...mint, "--query", "scopes[7]"]);
  expect(nothing).toMatchObject({ code: 1, out: "" });
  expect(nothing.note).toContain("trst_once");
});
