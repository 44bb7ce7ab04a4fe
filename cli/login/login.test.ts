/** `trstctl login` against a host of the test's: what is asked, what is kept, what is refused, and what each refusal says. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Answer, fakeHost, fakeTerminal, makeAuthority, scratch, type Seen } from "../fake-host.ts";
import { run } from "../program.ts";

const authority = makeAuthority();
/** As a host sends it: the leaf, then the root. */
const chained = { ...authority, certificate: authority.certificate + authority.ca };
const fingerprint = (() => {
  const text = execFileSync("openssl", ["x509", "-noout", "-fingerprint", "-sha256"], { input: authority.ca });
  return text.toString().trim().split("=")[1] ?? "";
})();

const json = (status: number, body: unknown): Answer => ({
  status,
  body,
  headers: { "content-type": "application/json" },
});
const authorization = (url: string) => ({
  device_code: "device-secret",
  user_code: "WDJB-MJHT",
  verification_uri: `${url}/device`,
  verification_uri_complete: `${url}/device?user_code=WDJB-MJHT`,
  expires_in: 600,
  interval: 5,
});
const token = {
  access_token: "trst_new",
  token_type: "Bearer",
  expires_in: 3600,
  scope: "certs:read",
  token_id: "t-1",
  tenant: "acme",
  subject: "ada",
};

/** @param polls what polling gets, one after the other; the last for ever */
async function world(polls: readonly Answer[], shown = chained) {
  const home = scratch();
  onTestFinished(home.close);
  let nth = 0;
  const host = await fakeHost(shown, ({ url }) => {
    if (url === "/auth/device") return json(200, authorization(host.url));
    if (url === "/auth/device/token") return polls[Math.min(nth++, polls.length - 1)] ?? json(500, {});
    if (url === "/auth/revoke") return json(200, "");
    if (url.startsWith("/api/v1/owners")) return json(200, { items: [], next_cursor: null });
    return json(200, { status: "ok" });
  });
  onTestFinished(host.close);
  const trstctl = async (words: readonly string[], more: Record<string, string> = {}, answer?: boolean) => {
    // A browser that is there, and does nothing.
    const environment = { HOME: home.path, BROWSER: "true", ...more };
    const terminal = fakeTerminal(environment, answer === undefined ? {} : { answer });
    const code = await run(words, terminal);
    const { questions, slept } = terminal;
    return { code, out: terminal.outText(), note: terminal.noteText(), questions, slept };
  };
  const file = (name: string): string => join(home.path, ".config", "trstctl", "profiles", `${name}.json`);
  const kept = (name: string) => JSON.parse(readFileSync(file(name), "utf8")) as Record<string, string>;
  const sent = (path: string): readonly Seen[] => host.seen.filter(({ url }) => url === path);
  return { host, trstctl, file, kept, sent, home: home.path };
}

const byPin = (url: string, ...more: string[]) => ["login", url, "--ca-fingerprint", fingerprint, ...more];
const pending = json(400, { error: "authorization_pending" });

test("asks, waits as it is told, keeps the token with the pin in a file for its user alone, and is in use", async () => {
  const slower = json(400, { error: "slow_down" });
  const { host, trstctl, file, kept, sent } = await world([pending, slower, pending, json(200, token)]);
  const scopes = ["--scopes", "certs:read,owners:read", "--expires-in", "1h"];
  const { code, note, out, slept } = await trstctl(byPin(host.url, "--profile", "prod", ...scopes));
  expect({ code, slept }).toEqual({ code: 0, slept: [5_000, 5_000, 10_000, 10_000] });
  expect(note).toContain("WDJB-MJHT");
  expect(note).toContain("not granted, since whoever approved does not hold it: owners:read");
  expect(out).toMatch(/subject +ada/);
  expect(out + note).not.toContain("trst_new");
  const asked = new URLSearchParams(sent("/auth/device")[0]?.body);
  expect(Object.fromEntries(asked)).toMatchObject({ scope: "certs:read owners:read", token_lifetime: "3600" });
  expect(statSync(file("prod")).mode & 0o777).toBe(0o600);
  expect(kept("prod")).toMatchObject({ url: host.url, token: "trst_new", expires_at: "2030-01-01T01:00:00.000Z" });
  expect((await trstctl(["owners", "list"])).code).toBe(0);
  expect(sent("/api/v1/owners").at(-1)?.headers.authorization).toBe("Bearer trst_new");
  expect((await trstctl(["profile", "list"])).out).toMatch(/^prod +https.*ada in acme.*signed in +true/m);
  expect((await trstctl(["profile", "show", "prod"])).out).toContain(fingerprint);
});

test("a second sign-in needs no url and no pin, and ends the token of before", async () => {
  const { host, trstctl, sent } = await world([json(200, token)]);
  await trstctl(byPin(host.url));
  expect((await trstctl(["login"])).code).toBe(0);
  expect(sent("/auth/revoke").map(({ body }) => new URLSearchParams(body).get("token"))).toEqual(["trst_new"]);
});

test("logout revokes and forgets; a host that is away keeps it unless told otherwise", async () => {
  const { host, trstctl, kept, sent, file } = await world([json(200, token)]);
  await trstctl(byPin(host.url, "--profile", "prod"));
  expect((await trstctl(["logout"])).note).toContain("signed out of");
  expect(sent("/auth/revoke")).toHaveLength(1);
  expect(kept("prod")["token"]).toBeUndefined();
  expect((await trstctl(["owners", "list"])).note).toContain("run trstctl login --profile prod");
  expect((await trstctl(["logout"])).note).toContain("signed out already");
  await trstctl(["login"]);
  await host.close();
  const away = await trstctl(["logout"]);
  expect(away).toMatchObject({ code: 1, note: expect.stringContaining("--forget") });
  expect(kept("prod")["token"]).toBe("trst_new");
  expect((await trstctl(["profile", "remove", "prod", "--forget"])).code).toBe(0);
  expect(existsSync(file("prod"))).toBe(false);
});

test("a person is shown the root's fingerprint once; a no keeps nothing", async () => {
  const { host, trstctl, file } = await world([json(200, token)]);
  const no = await trstctl(["login", host.url, "--profile", "prod"], {}, false);
  expect(no).toMatchObject({ code: 2, note: expect.stringContaining(fingerprint) });
  expect(existsSync(file("prod"))).toBe(false);
  const yes = await trstctl(["login", host.url, "--profile", "prod"], {}, true);
  expect(yes).toMatchObject({ code: 0, questions: [expect.stringContaining("this root alone")] });
  expect((await trstctl(["login"], {}, true)).questions).toEqual([]);
});

test.each<[string, (url: string) => readonly string[], number, RegExp]>([
  ["nobody is here to compare", (url) => ["login", url], 2, /nobody is here.*\n.*[0-9A-F:]{95}.*\n.*--ca-fingerprint/],
  [
    "another fingerprint",
    (url) => ["login", url, "--ca-fingerprint", "00".repeat(32)],
    1,
    /another root.*Nothing was sent/,
  ],
  ["no fingerprint", (url) => ["login", url, "--ca-fingerprint", "abc"], 2, /64 hex digits/],
  [
    "a file that is not there",
    (url) => ["login", url, "--ca-file", "/nowhere.pem"],
    1,
    /--ca-file: \/nowhere\.pem cannot/,
  ],
  ["a scope that there is not", (url) => ["login", url, "--scopes", "root"], 2, /--scopes: "root" is none of/],
  ["too long", (url) => ["login", url, "--expires-in", "31d"], 2, /--expires-in: expected 1m to 30d/],
  ["plain HTTP", () => ["login", "http://a.test"], 1, /expected an https:\/\/ URL/],
  ["the host's own profile", (url) => ["login", url, "--profile", "local"], 2, /choose another name/],
  ["a name that is none", (url) => ["login", url, "--profile", "../x"], 1, /expected a profile's name/],
  ["no url and no profile", () => ["login", "--profile", "prod"], 1, /no profile prod yet.*login <url> --profile prod/],
  ["logout of the host's own", () => ["logout"], 2, /nothing to sign out of/],
  [
    "a profile in front that is not there",
    () => ["--profile", "x", "owners", "list"],
    1,
    /no profile x\..*login <url>/,
  ],
  ["a profile in front without a name", () => ["--profile"], 2, /its name is missing/],
  ["use of one that is not there", () => ["profile", "use", "x"], 1, /no profile x/],
])("%s: refused with the way out, and no token asked for", async (_, words, code, said) => {
  const { host, trstctl, sent } = await world([json(200, token)]);
  const answer = await trstctl(words(host.url));
  expect(answer).toMatchObject({ code, note: expect.stringMatching(said) });
  expect(sent("/auth/device")).toEqual([]);
});

test.each<[string, Answer, RegExp]>([
  ["a no", json(400, { error: "access_denied" }), /denied in the browser/],
  ["a code that is over", json(400, { error: "expired_token" }), /run trstctl login again/],
  [
    "a token that was shown already",
    json(400, { error: "invalid_grant", error_description: "shown already" }),
    /shown already/,
  ],
  ["an answer that is none", json(200, { hello: 1 }), /same version/],
])("%s ends the waiting with words, and keeps the pin without a token", async (_, poll, said) => {
  const { host, trstctl, kept } = await world([pending, poll]);
  expect(await trstctl(byPin(host.url, "--profile", "prod"))).toMatchObject({
    code: 1,
    note: expect.stringMatching(said),
  });
  expect(kept("prod")["token"]).toBeUndefined();
});

test("a connection that breaks while it waits is no answer", async () => {
  const { host, trstctl } = await world([
    { status: 0, drop: true },
    json(429, { error: "slow_down" }),
    json(200, token),
  ]);
  expect(await trstctl(byPin(host.url))).toMatchObject({ code: 0, slept: [5_000, 10_000, 15_000] });
});

test("another root, and another server under the same name, are refused in words; a new pin must be given", async () => {
  const { host, trstctl, kept, file } = await world([json(200, token)]);
  await trstctl(byPin(host.url, "--profile", "prod"));
  const moved = await world([json(200, token)]);
  const other = await trstctl(["login", moved.host.url, "--profile", "prod"]);
  expect(other.note).toMatch(/prod is for .* is another server.*profile remove prod/);
  const stranger = makeAuthority();
  writeFileSync(file("prod"), JSON.stringify({ ...kept("prod"), ca: stranger.ca }), { mode: 0o600 });
  const changed = await trstctl(["login"]);
  expect(changed.note).toMatch(/TLS CA changed.*Nothing was sent.*trstctl login --ca-fingerprint/s);
  expect((await trstctl(["owners", "list"])).note).toContain("TLS CA changed");
  expect((await trstctl(["login", "--ca-fingerprint", fingerprint])).code).toBe(0);
  expect((await trstctl(["owners", "list"])).code).toBe(0);
});

test("a profile that others may read is refused; TRSTCTL_URL does not get its token; --profile goes before both", async () => {
  const { host, trstctl, file, sent } = await world([json(200, token)]);
  await trstctl(byPin(host.url, "--profile", "prod"));
  const elsewhere = { TRSTCTL_URL: "https://127.0.0.1:1", TRSTCTL_TOKEN: "other" };
  expect((await trstctl(["owners", "list"], elsewhere)).note).toContain("nothing listens");
  expect((await trstctl(["--profile", "prod", "owners", "list"], elsewhere)).code).toBe(0);
  expect(sent("/api/v1/owners").at(-1)?.headers.authorization).toBe("Bearer trst_new");
  chmodSync(file("prod"), 0o644);
  expect((await trstctl(["owners", "list"])).note).toContain("chmod 600");
  expect((await trstctl(["profile", "list"])).out).toContain("open to others");
});
