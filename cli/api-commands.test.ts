/** The CLI through its door, against a TLS host that answers what the test says. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { chainHash } from "#events/log/chain";
import { sha256Hex } from "#shared/crypto/hash";
import { cliSession, fakeTerminal, makeAuthority, type Answer, type CliSession, type Seen } from "./fake-host.ts";
import { run } from "./program.ts";

const authority = makeAuthority();
const time = "2030-01-01T00:00:00.000Z";
const entry = { id: "o-1", status: "pending" };

async function session(answer: (request: Seen, nth: number) => Answer): Promise<CliSession> {
  let nth = 0;
  const made = await cliSession(authority, (request) => answer(request, (nth += 1)));
  onTestFinished(made.close);
  return made;
}

test("503 and lost connections are repeated under the same key, Retry-After honoured", async () => {
  const host = await session((_, nth) =>
    nth === 1
      ? { status: 503, body: { detail: "busy", code: "overloaded" }, headers: { "retry-after": "7" } }
      : nth === 2
        ? { status: 0, drop: true }
        : { status: 200, body: entry },
  );
  const result = await host.trstctl(["outbox", "redrive", "o-1"]);
  expect(result.code).toBe(0);
  expect(result.slept[0]).toBe(7000);
  expect(result.slept).toHaveLength(2);
  expect(host.seen).toHaveLength(3);
  expect(new Set(host.seen.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
});

test("after the last try the key is told, so that the request can be repeated safely", async () => {
  const host = await session(() => ({ status: 0, drop: true }));
  const result = await host.trstctl(["outbox", "redrive", "o-1", "--idempotency-key", "my-key"]);
  expect(result.code).toBe(1);
  expect(host.seen.map(({ headers }) => headers["idempotency-key"])).toEqual(["my-key", "my-key", "my-key", "my-key"]);
  expect(result.note).toContain("--idempotency-key my-key");
});

test("a longer wait than a person has is not waited for", async () => {
  const host = await session(() => ({ status: 503, body: { detail: "later" }, headers: { "retry-after": "3600" } }));
  const result = await host.trstctl(["owners", "list"]);
  expect(result).toMatchObject({ code: 1, slept: [] });
  expect(result.note).toContain("retry in 3600 s");
});

test("a refusal shows detail, flag, code, trace and the next step, and nothing the terminal would obey", async () => {
  const host = await session(() => ({
    status: 422,
    body: {
      type: "about:blank",
      title: "x",
      status: 422,
      detail: "no such issuer\u001b[2J",
      code: "unprocessable",
      field: "issuer_id",
      trace_id: "t-1",
    },
  }));
  const result = await host.trstctl(["certificates", "issue", "--csr", "-", "--issuer-id", "nope"], { input: "X" });
  expect(result).toMatchObject({ code: 1, out: "" });
  for (const part of ["no such issuer", "--issuer-id", "unprocessable (HTTP 422)", "t-1", "next"])
    expect(result.note).toContain(part);
  expect(result.note).not.toContain("\u001b");
});

test("destructive: named and asked for on a terminal, --yes elsewhere", async () => {
  const host = await session(() => ({ status: 204 }));
  const alone = await host.trstctl(["owners", "delete", "own-1"]);
  expect(alone.code).toBe(2);
  expect(alone.note).toContain("--yes");
  const declined = await host.trstctl(["owners", "delete", "own-1"], { answer: false });
  expect(declined.code).toBe(2);
  expect(declined.questions[0]).toContain("own-1");
  expect(host.seen).toHaveLength(0);
  expect((await host.trstctl(["owners", "delete", "own-1"], { answer: true })).code).toBe(0);
  expect((await host.trstctl(["owners", "delete", "own-1", "--yes"])).code).toBe(0);
  expect(host.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
    "DELETE /api/v1/owners/own-1",
    "DELETE /api/v1/owners/own-1",
  ]);
});

const owner = (name: string) => ({
  id: `own-${name}`,
  kind: "team",
  name,
  email: null,
  created_at: time,
  updated_at: time,
});

test("lists: a table, a hint at the next page, and --all", async () => {
  const host = await session(({ url }) => ({
    status: 200,
    body: url.includes("cursor=two")
      ? { items: [owner("b")], next_cursor: null }
      : { items: [owner("a")], next_cursor: "two" },
  }));
  const page = await host.trstctl(["owners", "list"]);
  expect(page.out).toBe("ID     KIND  NAME  EMAIL\nown-a  team  a     -\n");
  expect(page.note).toContain("--cursor two");
  const all = await host.trstctl(["--output", "json", "owners", "list", "--all"]);
  expect(JSON.parse(all.out)).toEqual({ items: [owner("a"), owner("b")], next_cursor: null });
  expect(host.seen.at(-1)?.url).toBe("/api/v1/owners?limit=100&cursor=two");
});

test("a list that never ends is ended", async () => {
  const host = await session(() => ({ status: 200, body: { items: [], next_cursor: "again" } }));
  expect(await host.trstctl(["owners", "list", "--all"])).toMatchObject({ code: 1 });
  expect(host.seen).toHaveLength(2);
});

test("a profile that others may read is refused with the way out", async () => {
  const host = await session(() => ({ status: 200, body: {} }));
  chmodSync(join(host.directory, "profile.json"), 0o640);
  const result = await host.trstctl(["owners", "list"]);
  expect(result.code).toBe(1);
  expect(result.note).toContain("chmod 600");
  expect(host.seen).toHaveLength(0);
});

test("the environment wins over the profile; a URL without its token never meets the profile's", async () => {
  const host = await session(() => ({ status: 200, body: { items: [], next_cursor: null } }));
  const profile = join(host.directory, "profile.json");
  const { url } = JSON.parse(readFileSync(profile, "utf8")) as { url: string };
  const caFile = join(host.directory, "ca.pem");
  writeFileSync(caFile, authority.ca);
  const code = (environment: Readonly<Record<string, string>>): Promise<number> =>
    run(["owners", "list"], fakeTerminal({ TRSTCTL_PROFILE: profile, ...environment }));
  expect(await code({ TRSTCTL_URL: url })).toBe(1);
  expect(await code({ TRSTCTL_URL: url, TRSTCTL_TOKEN: "other" })).toBe(1); // not from a public CA
  expect(host.seen).toHaveLength(0);
  expect(
    await code({
      TRSTCTL_PROFILE: "/nowhere",
      TRSTCTL_URL: `${url}/prod/`,
      TRSTCTL_TOKEN: "other",
      TRSTCTL_CA_FILE: caFile,
    }),
  ).toBe(0);
  expect(host.seen[0]).toMatchObject({ url: "/prod/api/v1/owners" });
  expect(await code({ TRSTCTL_TOKEN: "mine" })).toBe(0);
  expect(host.seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer other", "Bearer mine"]);
  expect(await code({ TRSTCTL_URL: url.replace("https", "http"), TRSTCTL_TOKEN: "other" })).toBe(1);
});

test("the profile is found in the data directory", async () => {
  const host = await session(() => ({ status: 200, body: { items: [], next_cursor: null } }));
  mkdirSync(join(host.directory, "data", "cli"), { recursive: true });
  writeFileSync(
    join(host.directory, "data", "cli", "profile.json"),
    readFileSync(join(host.directory, "profile.json")),
    { mode: 0o600 },
  );
  expect(await run(["owners", "list"], fakeTerminal({ TRSTCTL_DATA_DIR: join(host.directory, "data") }))).toBe(0);
  const terminal = fakeTerminal({ TRSTCTL_DATA_DIR: join(host.directory, "none") });
  expect(await run(["owners", "list"], terminal)).toBe(1);
  expect(terminal.noteText()).toContain("npm start");
});

test("audit verify: reads every page, says what it found, ends with 1 when the chain is broken; also from a file", async () => {
  const links: { lane: number; sequence: number; hash: string; sha256: string; event: string }[] = [];
  for (const event of ["one", "two", "three"])
    links.push({
      lane: 0,
      sequence: links.length + 1,
      event,
      sha256: sha256Hex(event),
      hash: chainHash({ tenant: "acme", lane: 0, seq: links.length + 1, prev: links.at(-1)?.hash ?? "", event }),
    });
  const heads = [{ lane: 0, sequence: 3, hash: links[2]?.hash ?? "" }];
  let items = links;
  const host = await session(({ url }) => {
    const at = Number(new URL(url, "https://x").searchParams.get("cursor") ?? 0);
    return {
      status: 200,
      body: {
        tenant: "acme",
        heads,
        items: items.slice(at, at + 2),
        next_cursor: at + 2 < items.length ? String(at + 2) : null,
      },
    };
  });
  const good = await host.trstctl(["audit", "verify"]);
  expect(good).toMatchObject({ code: 0, out: "tenant acme: 3 events in 1 lanes: the chain holds\n" });
  const saved = await host.trstctl(["audit", "export", "--all", "--output", "json"]);
  expect((await host.trstctl(["audit", "verify", "--from", "-"], { input: saved.out })).code).toBe(0);
  expect(
    (await host.trstctl(["audit", "verify", "--from", "-"], { input: saved.out.replace('"two"', '"2wo"') })).code,
  ).toBe(1);
  items = links.with(1, { ...links[1]!, event: "tw0" });
  const bad = await host.trstctl(["audit", "verify"]);
  expect(bad.code).toBe(1);
  expect(bad.out).toContain("lane 0, sequence 2: the hash does not fit");
});
