/**
 * Secrets of every kind go into a running host by every door, well-formed and not; then all that it wrote, printed,
 * answered and holds is searched for any 16 bytes of any of them, in any encoding (I9).
 */
import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Operation } from "#shared/contracts/operation";
import { type OperationId, operations } from "#shared/contracts/operations";
import { type Planted, searchFor } from "#test/canary/needles";
import { coreDumpLimit, createRecord, filesBelow, type Place, processPlaces } from "#test/canary/places";
import { signerKeys } from "#test/canary/signer-keys";
import { csrConfig, opensslCsr } from "#test/vectors/x509";
import {
  type Answer,
  clone,
  everyItem,
  fetchPlain,
  type Host,
  type Json,
  launch,
  startHost,
  temporaryDirectory,
} from "./host.ts";
import { run } from "#test/run";
import { fill, type Samples, samplesFor, signedInSession } from "./samples.ts";

/** Nobody else's: a text that cannot be anywhere by chance. */
const word = (): string => randomBytes(18).toString("base64url");
const privateKey = (): string =>
  generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }) as string;
/** The key itself, without what all such files have in common. */
const secretOf = (pem: string): Buffer => Buffer.from(pem.split("\n")[1] ?? "", "base64").subarray(-32);
const newToken = (): string => `trst_${"q".repeat(16)}_${randomBytes(32).toString("base64url")}`;
const tokenSecret = (token: string): Buffer => Buffer.from(token.slice(22));

const record = createRecord();
const planted: Planted[] = [];
const plant = (name: string, bytes: Uint8Array | string, ...allowed: readonly string[]): void =>
  void planted.push({ name, bytes: Buffer.from(bytes as string), allowed });

let host: Host;
let directory: string;
let everywhere: Place[];

/** What is sent by each door. Text fields may keep any text, so only what can be recognised is put into those. */
const pasted = { key: privateKey(), token: newToken() };
const password = `${word()}"\\ä&+ ${word()}`;

async function note(name: string, answer: Promise<Answer>): Promise<Answer> {
  const got = await answer;
  record.add(name, got.text, got.headers);
  return got;
}

/** A text in every field of every operation that takes one, and where none belongs. */
const withEachField = async (samples: Samples, operation: Operation & { readonly id: OperationId }, text: string) => {
  const sample = (await samples.bodyFor(operation.id, host.admin)) ?? {};
  return Object.keys(operation.body?.shape ?? {}).flatMap((field) =>
    [text, { note: text }, { [text]: "note" }, [text]].map((value) => ({ ...sample, [field]: value })),
  );
};

async function throughTheApi(text: string, storable: boolean): Promise<void> {
  const { admin } = host;

  const samples = samplesFor(Buffer.from(opensslCsr(csrConfig)).toString("base64"), () =>
    signedInSession(host, "default", "local-admin"),
  );
  for (const operation of operations) {
    const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
    const pathOf = (value: string): string =>
      fill(operation.path, Object.fromEntries(names.map((name) => [name, value])));
    const path = pathOf("nobody");
    const { method, id } = operation;
    const fields = Object.keys(operation.body?.shape ?? {});
    const bodies: unknown[] = [
      { unknown: 7, [text.slice(0, 60)]: 1 },
      ...fields.map((field) => ({ [field]: [text] })),
      // What is right but for this field would be carried out, and the text kept for ever.
      ...(storable ? await withEachField(samples, operation, text) : []),
      ...(storable ? fields.flatMap((field) => [{ [field]: text }, { [field]: { a: [text] } }]) : []),
    ];
    for (const body of bodies)
      await note(`${id} ${Object.keys(body as object).join()}`, admin.send(method, path, { body }));
    if (storable && names.length > 0)
      await note(`${id} in its path`, admin.send(method, pathOf(text), { body: await samples.bodyFor(id, admin) }));
    await note(
      `${id} in the query`,
      admin.send(method, `${path}?limit=${encodeURIComponent(text)}&cursor=${encodeURIComponent(text)}`),
    );
    await note(`${id} in an unknown parameter`, admin.send(method, `${path}?token=${encodeURIComponent(text)}`));
  }

  const [path, raw] = ["/owners", JSON.stringify({ kind: "team", name: text })];
  const send = (name: string, options: Parameters<typeof admin.send>[2]) =>
    note(name, admin.send("POST", path, options));
  await send("cut off", { raw: raw.slice(0, -3) });
  await send("bare", { raw: text });
  await send("after the end", { raw: `{"kind":"team"} ${text}` });
  await send("in place of a value", { raw: `{"kind":${text}}` });
  await send("control characters", { raw: `{"kind":"\u0001${text}` });
  await send("another media type", { raw, headers: { "content-type": "text/plain" } });
  await send("too long", { raw: JSON.stringify({ name: text.repeat(6_000) }) });
  await send("too deep", { raw: `${'{"a":'.repeat(40)}${JSON.stringify(text)}${"}".repeat(40)}` });
  const header = encodeURIComponent(text).slice(0, 300);
  for (const name of [
    "authorization",
    "idempotency-key",
    "traceparent",
    "origin",
    "x-api-key",
    "cookie",
    "x-forwarded-for",
    "user-agent",
  ])
    await send(`header ${name}`, {
      body: {},
      headers: { [name]: name === "authorization" ? `Bearer ${header}` : header },
    });
  await send("basic", {
    body: {},
    headers: { authorization: `Basic ${Buffer.from(`admin:${text}`).toString("base64")}` },
  });
  await send("host", { body: {}, headers: { host: `${header.slice(0, 60)}.test` } });
  await note("a path", admin.send("GET", `//${header}`));
  await note("an operation's path", admin.send("GET", `/owners/${header}`));
  await note(
    "the admin socket",
    host.socket("POST", "/admin/tokens", {
      tenant: text,
      subject: text,
      tenant_name: storable ? text : 7,
      scopes: [text],
    }),
  );
  await note("the admin socket's path", host.socket("GET", `/admin/${header}`));
  for (const place of [
    `/ocsp/${header}`,
    `/ocsp/${"a".repeat(20)}/${header}`,
    `/crl/${header}/0.crl`,
    `/ca/${header}.cer`,
  ])
    await note(`revocation ${place.split("/")[1]}`, fetchPlain(host.revocationUrl + place));
  await note(
    "revocation POST",
    fetchPlain(`${host.revocationUrl}/ocsp/${"a".repeat(20)}`, {
      method: "POST",
      body: text,
      headers: { "content-type": "application/ocsp-request" },
    }),
  );
}

/** Files, arguments and settings of the CLI; what it printed, not what it was told. */
async function throughTheCli(text: string): Promise<void> {
  const file = join(temporaryDirectory(), "file");
  const cli = async (...words: string[]): Promise<void> => {
    const { stdout, stderr } = await host.cli(...words, "--verbose");
    record.add(`trstctl ${words.slice(0, 2).join(" ")}`, stdout, stderr);
  };
  writeFileSync(file, text, { mode: 0o600 });
  await cli("certificates", "issue", "--csr", file);
  await cli("owners", "create", "--file", file);
  await cli("profiles", "create", "--spec", file, "--name", "a");
  await cli("audit", "verify", "--from", file);
  writeFileSync(file, `{"name":"${text}`);
  await cli("owners", "create", "--file", file);
  await cli("profiles", "create", "--spec", file, "--name", "a");
}

/** Settings that stop the start or the CLI; what they say of them. */
async function throughTheSettings(text: string): Promise<void> {
  const url = `admin:${encodeURIComponent(text)}@r.example.test`;
  const environments: Readonly<Record<string, string>>[] = [
    { TRSTCTL_REVOCATION_BASE_URL: `http://${url}` },
    { TRSTCTL_URL: `https://${url}`, TRSTCTL_TOKEN: text.replaceAll("\n", " ") },
    { TRSTCTL_URL: "https://localhost:1", TRSTCTL_TOKEN: text.replaceAll("\n", " ") },
    { TRSTCTL_TOKEN: text, TRSTCTL_DATABASE_PASSWORD: text },
  ];
  for (const env of environments)
    for (const words of [
      ["config", "check"],
      ["owners", "list"],
    ]) {
      const { stdout, stderr } = await run(
        process.execPath,
        [join(clone, "cli", "trstctl.mjs"), ...words, "--verbose"],
        {
          cwd: directory,
          env: { PATH: process.env["PATH"], HOME: directory, ...env },
        },
      );
      record.add(`trstctl ${words[0]} with ${Object.keys(env).join(", ")}`, stdout, stderr);
    }
  const { exited, output } = launch({
    settings: {
      TRSTCTL_HTTPS_PORT: text,
      TRSTCTL_RATE_BURST: text,
      TRSTCTL_ACKNOWLEDGE_SAME_USER: text,
      TRSTCTL_DATABASE_PASSWORD: text,
      TRSTCTL_REVOCATION_BASE_URL: `http://admin:${encodeURIComponent(text)}@r.example.test`,
    },
  });
  await exited;
  record.add("a start that is refused", output.stdout, output.stderr);
}

async function plantWhatIsShownOnce(): Promise<void> {
  const { admin } = host;
  // A token, shown once.
  const key = randomUUID();
  const mint = { key, body: { subject: "robot", scopes: ["owners:read"] } };
  const minted = await note("the answer that mints a token", admin.send("POST", "/access/api-tokens", mint));
  plant("a minted token", tokenSecret(minted.json.token as string), "the answer that mints a token");
  await note("its replay", admin.send("POST", "/access/api-tokens", mint));
  await host.as(minted.json.token as string).send("GET", "/owners");
  plant("a token of the admin socket", tokenSecret(await host.token({ tenant: "beta" })));
  plant("the administrator's token", tokenSecret(host.adminToken), "data/cli/profile.json");
  // A key made for an identity, shown once.
  const owner: Json = await admin.ok("POST", "/owners", { kind: "team", name: "a" });
  const identity: Json = await admin.ok("POST", "/identities", { name: "app.example.test", owner_id: owner.id });
  const transition = { key: randomUUID(), body: { to: "issued", generate_key: true } };
  const path = `/identities/${identity.id}/transitions`;
  const issued = await note("the answer with a new key", admin.send("POST", path, transition));
  const [pem = ""] = /-----BEGIN PRIVATE KEY-----[^-]+/.exec(JSON.parse(issued.text).private_key as string) ?? [];
  const der = Buffer.from(pem.split("\n").slice(1).join(""), "base64");
  expect(der.length).toBeGreaterThan(100);
  plant("a key made for an identity", der.subarray(36, 68), "the answer with a new key");
  await note("its replay", admin.send("POST", path, transition));
  // The challenge password of a request that is granted.
  const challenge = word();
  const csr = opensslCsr(csrConfig.replace("hunter2hunter2", challenge));
  plant("a challenge password", challenge);
  const granted = await note(
    "a certificate",
    admin.send("POST", "/certificates", { body: { csr: Buffer.from(csr).toString("base64") } }),
  );
  expect(granted.status).toBe(201);
}

/** The secret of an enrolment credential: made, asked for again, used, used up, and sent where it does not belong. */
async function plantAnEnrolmentSecret(): Promise<void> {
  const { admin } = host;
  await admin.ok("POST", "/enrolment-endpoints", { label: "canary" });
  const make = { key: randomUUID(), body: { endpoint: "canary" } };
  const answer = "the answer that makes an enrolment credential";
  const made = await note(answer, admin.send("POST", "/enrolment-credentials", make));
  const { id, secret } = made.json as { id: string; secret: string };
  plant("an enrolment secret", secret, answer);
  plant("an enrolment secret's octets", Buffer.from(secret, "base64url"), answer);
  await note("its replay", admin.send("POST", "/enrolment-credentials", make));
  await note("the credential", admin.send("GET", `/enrolment-credentials/${id}`));
  const newRequest = () =>
    Buffer.from(opensslCsr(csrConfig.replaceAll(/^(attributes|challengePassword) *=.*$/gm, ""))).toString("base64");
  const csr = newRequest();
  const place = "//.well-known/est/canary/simpleenroll";
  const type = { "content-type": "application/pkcs10" };
  const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const enrol = (name: string, authorization: string, raw = csr) =>
    note(name, admin.send("POST", place, { raw, headers: { ...type, authorization } }));
  const used = await enrol("an enrolment", basic(id, secret));
  expect(used.status, used.text).toBe(200);
  await enrol("the same again", basic(id, secret));
  expect((await enrol("a second use", basic(id, secret), newRequest())).status).toBe(401);
  await enrol("a wrong id", basic("a".repeat(16), secret));
  await enrol("the secret as id", basic(secret, "x"));
  await enrol("the secret as bearer", `Bearer ${secret}`);
  await enrol("the secret as another scheme", `Digest ${secret}`);
  await enrol("the secret in place of a request", basic(id, secret), secret);
  for (const path of [`//.well-known/est/${secret}/simpleenroll`, `${place}?secret=${secret}`])
    await note("the secret in a URL", admin.send("POST", path, { raw: csr, headers: type }));
}

beforeAll(async () => {
  directory = temporaryDirectory();
  mkdirSync(join(directory, "tmp"));
  host = await startHost({ directory, settings: { TMPDIR: join(directory, "tmp") } });
  const storable = [pasted.key, pasted.token];
  plant("a pasted private key", secretOf(pasted.key));
  plant("a pasted token", tokenSecret(pasted.token));
  plant("a password", password.split('"')[0] ?? "");
  plant("the password's other half", password.split(" ").at(-1) ?? "");
  plant("key encryption key", readFileSync(join(directory, "kek")), "kek");
  for (const text of [...storable, password]) {
    await throughTheApi(text, storable.includes(text));
    await throughTheCli(text);
    await throughTheSettings(text);
  }
  await plantWhatIsShownOnce();
  await plantAnEnrolmentSecret();
  const backup = join(directory, "backup-key");
  for (const words of [
    ["create-key", "--key", backup],
    ["create", "--key", backup, "--to", join(directory, "backup")],
    ["verify", "--key", backup, "--from", join(directory, "backup")],
  ]) {
    const { code, stdout, stderr } = await host.cli("backup", ...words, "--verbose");
    if (code !== 0) throw new Error(stderr);
    record.add(`trstctl backup ${words[0]}`, stdout, stderr);
  }
  plant("backup key", readFileSync(backup), "backup-key");
  planted.push(...signerKeys(join(host.data, "signer"), readFileSync(join(directory, "kek"))));
  for (const path of [
    "/audit/export?limit=1000",
    "/audit/state",
    "//metrics",
    "//healthz",
    "//readyz",
    "/openapi.json",
  ])
    await note(path, host.admin.send("GET", path));
  for (const list of ["/audit/events", "/access/api-tokens", "/owners", "/identities", "/certificates", "/outbox"])
    record.add(list, await everyItem(host.admin, list));
  const processes = processPlaces(host.processes());
  const whileRunning = filesBelow(directory);
  record.add("standard output", host.stdout());
  record.add("core dumps of the signer", `limit ${coreDumpLimit(host.signerPid())}`);
  await host.stop();
  record.add("standard error", host.stderr());
  everywhere = [...processes, ...whileRunning, ...filesBelow(directory), ...record.places];
}, 300_000);

describe("a planted secret", () => {
  it("is nowhere but where it must be", () => {
    const search = searchFor(planted);
    const leaks = everywhere.flatMap(({ name, content }) =>
      search
        .leaksIn(content)
        .filter(({ secret }) => !planted.find((one) => one.name === secret)?.allowed?.includes(name))
        .map(({ secret, form }) => `${secret} as ${form} in ${name}`),
    );
    expect([...new Set(leaks)]).toEqual([]);
  });

  it("would be found: every kind was planted, and each is where it must be", () => {
    expect(planted.length).toBeGreaterThan(14);
    for (const { name, bytes, allowed = [] } of planted) {
      const search = searchFor([{ name, bytes }]);
      for (const place of allowed)
        expect(
          everywhere.some((one) => one.name === place && search.leaksIn(one.content).length > 0),
          `${name} in ${place}`,
        ).toBe(true);
    }
  });

  it("leaves with no core dump of the signer, nor by a report of Node's", () => {
    const textOf = (name: string): string =>
      Buffer.from(everywhere.find((place) => place.name === name)?.content ?? []).toString();
    expect(textOf("core dumps of the signer")).toBe("limit 0");
    const commands = everywhere.filter(({ name }) => name.endsWith("/cmdline") || name.endsWith("/environ"));
    for (const { content } of commands)
      expect(Buffer.from(content).toString()).not.toMatch(/--(report|heap|inspect|diagnostic|abort-on)|NODE_OPTIONS/);
  });

  it("was looked for everywhere: store and its log, journal, key files, answers, output, processes", () => {
    const names = everywhere.map(({ name }) => name);
    for (const place of [
      "data/host/store.db",
      "data/host/store.db-wal",
      "data/signer/journal",
      "data/cli/profile.json",
      "backup",
      "standard error",
      "/audit/export?limit=1000",
    ])
      expect(names).toContain(place);
    expect(names.filter((name) => name.startsWith("/proc/")).length).toBeGreaterThan(8);
    // What is public must be found by the same search: a certificate's bytes in the store, as base64.
    const certificate = record.places.find(({ name }) => name === "a certificate");
    const [body = ""] =
      /-----BEGIN CERTIFICATE-----\\n(.*?)\\n-----END/.exec(Buffer.from(certificate?.content ?? []).toString()) ?? [];
    const der = Buffer.from(
      body
        .replaceAll("\\n", "")
        .replace(/-----[A-Z ]+-----/g, "")
        .replace("-----END", ""),
      "base64",
    );
    const search = searchFor([{ name: "public", bytes: der.subarray(40, 140) }]);
    const found = everywhere.filter(({ content }) => search.leaksIn(content).length > 0).map(({ name }) => name);
    for (const place of ["data/host/store.db-wal", "data/signer/journal", "/audit/export?limit=1000"])
      expect(found).toContain(place);
  });
});
