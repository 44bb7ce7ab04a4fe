import { expect, onTestFinished, test } from "vitest";
import { cliSession, fakeHost, fakeTerminal, makeAuthority, scratch, type Answer } from "./fake-host.ts";
import { run } from "./program.ts";

const authority = makeAuthority();
const date = "Tue, 01 Jan 2030 00:00:10 GMT";
const status = {
  parts: { store: "ok", signer: "ok" },
  revocation: { crl_ends_at: null, responder_ends_at: null, overdue: [] as object[] },
  outbox: { pending: 0, dead: 0 },
  projections: { events_behind: 0, quarantined: 0 },
  checkpoint: null,
  time: "2030-01-01T00:00:10Z",
  requests_waiting: 0,
};

const self: Answer = {
  status: 200,
  body: {
    id: "t",
    tenant: "acme",
    subject: "ada",
    roles: [],
    scopes: ["*"],
    created_at: "2029-12-31T12:00:00Z",
    expires_at: "2030-01-01T12:00:00Z",
    client: "trstctl on laptop",
  },
};

async function doctor(answer: Answer, ...words: string[]) {
  return doctorOf(answer, self, ...words);
}

async function doctorOf(answer: Answer, token: Answer, ...words: string[]) {
  const host = await cliSession(authority, ({ url }) => (url === "/auth/token" ? token : answer));
  onTestFinished(host.close);
  return host.trstctl(["doctor", ...words]);
}

test("all is well", async () => {
  const answer = { status: 200, body: status, headers: { date } };
  const { code, out, note } = await doctor(answer, "--output", "json");
  expect({ code, note }).toEqual({ code: 0, note: "" });
  expect(JSON.parse(out)).toMatchObject({ healthy: true });
  expect((await doctor(answer, "--query", "checks[*].check")).out).toBe(
    "profile\npin\nhost\nclock\ntoken\nstore\nsigner\n",
  );
  expect((await doctor(answer)).out).toContain("10 s behind the host");
});

test.each([
  ["a part fails", { ...status, parts: { store: "ok", signer: "failing" } }, /^signer +failing +fails .*log/m],
  [
    "a CRL is overdue",
    { ...status, revocation: { ...status.revocation, overdue: [{ issuer_id: "i1", what: "crl", ends_at: null }] } },
    /^revocation +failing +crl of issuer i1/m,
  ],
  ["effects are dead", { ...status, outbox: { pending: 0, dead: 3 } }, /^outbox +failing +3 dead.*redrive/m],
  ["the answer is another's", { hello: 1 }, /^host +failing .*same version/m],
  ["the answer is no JSON", "<html>", /^host +failing .*same version/m],
])("%s: said with the way out, exit code 1", async (_, body, line) => {
  const { code, out } = await doctor({ status: 200, body, headers: { date } });
  expect(code).toBe(1);
  expect(out).toMatch(line);
});

test("a clock that goes wrong", async () => {
  const { code, out } = await doctor({ status: 200, body: status, headers: { date: "Mon, 31 Dec 2029 23:00:00 GMT" } });
  expect(code).toBe(1);
  expect(out).toMatch(/^clock +failing +this machine is 3600 s ahead of the host +.*NTP/m);
});

test("a token that is refused", async () => {
  const refusal = { status: 401, body: { code: "unauthenticated", detail: "expired" }, headers: { date } };
  const { code, out } = await doctorOf(refusal, refusal);
  expect(code).toBe(1);
  expect(out).toMatch(/^token +failing .*expired.*trstctl login.*token create/m);
  expect(out.match(/failing/g)).toHaveLength(1);
});

test("until when the token is valid, for whom, and by which pin", async () => {
  const { out } = await doctor({ status: 200, body: status, headers: { date } });
  expect(out).toMatch(/^token +ok +speaks for ada in acme, until 2030-01-01T12:00:00Z/m);
  expect(out).toMatch(/^pin +ok +one root, SHA-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}/m);
  const soon = { ...self, body: { ...(self.body as object), expires_at: "2030-01-01T00:10:00Z" } };
  const ending = await doctorOf({ status: 200, body: status, headers: { date } }, soon);
  expect(ending).toMatchObject({ code: 0, out: expect.stringMatching(/it ends soon: trstctl login/) });
});

test("no profile, and nobody at the URL, and another root", async () => {
  const directory = scratch();
  onTestFinished(directory.close);
  const alone = fakeTerminal({ TRSTCTL_DATA_DIR: directory.path });
  expect(await run(["doctor"], alone)).toBe(1);
  expect(alone.outText()).toMatch(/^profile +failing .*npm start/m);
  const nobody = fakeTerminal({ TRSTCTL_URL: "https://127.0.0.1:1", TRSTCTL_TOKEN: "x" });
  expect(await run(["doctor"], nobody)).toBe(1);
  expect(nobody.outText()).toMatch(/^host +failing /m);
  const host = await fakeHost(authority, () => ({ status: 200, body: status }));
  onTestFinished(host.close);
  const other = fakeTerminal({ TRSTCTL_URL: host.url, TRSTCTL_TOKEN: "x" });
  expect(await run(["doctor"], other)).toBe(1);
  expect(other.outText()).toMatch(/^host +failing /m);
  expect(host.seen).toHaveLength(0);
});
