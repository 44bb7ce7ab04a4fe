/** `trstctl trust` as a person meets it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Failure } from "#shared/kernel/failure";
import { fakeTerminal } from "../fake-host.ts";
import { type AskTlsRoot, trustInstall, trustRemove, trustStatus } from "./commands.ts";
import { fakeCertutil, type FakeMachine, fakeMachine } from "#test/trust/fake-machine";
import { colons, readRoot } from "./root.ts";
import { localRoot } from "#test/trust/local-root";

const pem = localRoot();
const answers: AskTlsRoot = () => Promise.resolve(pem);
const down: AskTlsRoot = () => Promise.reject(new Failure("unavailable", "nothing listens"));

function withChrome(): FakeMachine {
  const fake = fakeMachine();
  fake.program("certutil", fakeCertutil);
  fake.put("home/ann/.pki/nssdb/cert9.db");
  return fake;
}

const ask = (
  { machine }: FakeMachine,
  options: Readonly<Record<string, unknown>> = {},
  { askTlsRoot = answers, answer }: { readonly askTlsRoot?: AskTlsRoot; readonly answer?: boolean } = {},
) => {
  const terminal = fakeTerminal({ TRSTCTL_DATA_DIR: "/data" }, answer === undefined ? {} : { answer });
  return { terminal, machine, options: { output: "table", ...options }, askTlsRoot };
};

describe("trust install", () => {
  it("shows name, fingerprint, names and places before it asks, and does nothing when the answer is no", async () => {
    const fake = withChrome();
    const asked = ask(fake, {}, { answer: false });
    await expect(trustInstall(asked)).rejects.toThrow("not confirmed, nothing was done");
    const said = asked.terminal.noteText();
    for (const text of ["Local Root", colons(readRoot(pem).fingerprint), "localhost, trstctl.localhost", ".pki/nssdb"])
      expect(said).toContain(text);
    expect(asked.terminal.questions).toEqual(["Trust it there?"]);
    expect(fake.calls().filter((call) => call.startsWith("certutil -A"))).toEqual([]);
  });

  it("asks nobody who is not there", async () => {
    await expect(trustInstall(ask(withChrome()))).rejects.toThrow("--yes");
  });

  it("does it on yes, says how it went, and again without harm", async () => {
    const fake = withChrome();
    for (const note of ["put there", "was there already"]) {
      const asked = ask(fake, { output: "json" }, { answer: true });
      await trustInstall(asked);
      expect(JSON.parse(asked.terminal.outText())).toMatchObject({
        root: { name: "Local Root", names: ["localhost", "trstctl.localhost"] },
        stores: [{ store: "Chrome, Chromium", state: "trusted", note }],
      });
    }
  });

  it("fails when one store could not be changed, and names it", async () => {
    const fake = fakeMachine();
    fake.program("dnf");
    fake.put("home/ann/.pki/nssdb/cert9.db");
    await expect(trustInstall(ask(fake, { yes: true }))).rejects.toThrow(
      /1 of 1 stores could not be changed:\n {2}- Chrome, Chromium: certutil is not there: dnf install nss-tools/,
    );
  });

  it("leaves stores of the other kind alone", async () => {
    await expect(trustInstall(ask(withChrome(), { yes: true, only: "system" }))).rejects.toThrow("no store was found");
  });

  it.each([
    ["no constraints", localRoot({})],
    ["every domain", localRoot({ permittedDns: [""] })],
  ])("refuses a root with %s", async (_, wide) => {
    const fake = withChrome();
    const asked = ask(fake, { yes: true }, { askTlsRoot: () => Promise.resolve(wide) });
    await expect(trustInstall(asked)).rejects.toThrow("may vouch for any name");
    expect(fake.calls()).toEqual([]);
  });

  it("takes the root of another host from a file, and says which file it cannot read", async () => {
    const fake = withChrome();
    const file = join(fake.machine.filesystem, "root.pem");
    await expect(trustInstall(ask(fake, { yes: true, root: file }))).rejects.toThrow(`--root: ${file} cannot be read`);
    writeFileSync(file, pem);
    await expect(trustInstall(ask(fake, { yes: true, root: file }, { askTlsRoot: down }))).resolves.toBeUndefined();
  });
});

describe("trust remove", () => {
  it("needs no host, and asks first", async () => {
    const fake = withChrome();
    await trustInstall(ask(fake, { yes: true }));
    const no = ask(fake, {}, { askTlsRoot: down, answer: false });
    await expect(trustRemove(no)).rejects.toThrow("nothing was done");
    expect(no.terminal.noteText()).toContain(".pki/nssdb");
    const yes = ask(fake, { yes: true }, { askTlsRoot: down });
    await trustRemove(yes);
    expect(yes.terminal.outText()).toContain("taken away");
    const again = ask(fake, { yes: true }, { askTlsRoot: down });
    await trustRemove(again);
    expect(again.terminal.noteText()).toContain("nothing to take away");
  });

  it("leaves roots of other hosts, unless it is told", async () => {
    const fake = withChrome();
    const file = join(fake.machine.filesystem, "root.pem");
    writeFileSync(file, pem);
    await trustInstall(ask(fake, { yes: true, root: file }));
    const own = ask(fake, { yes: true });
    await trustRemove(own);
    expect(own.terminal.noteText()).toContain("--all");
    await trustRemove(ask(fake, { yes: true, all: true }));
    await expect(trustStatus(ask(fake))).rejects.toThrow("1 of 1 stores do not trust it");
  });
});

describe("trust status", () => {
  it("succeeds when all stores trust it, with the host down too", async () => {
    const fake = withChrome();
    await expect(trustStatus(ask(fake))).rejects.toThrow("do not trust it");
    await expect(trustStatus(ask(fake, {}, { askTlsRoot: down }))).rejects.toThrow("nothing listens");
    await trustInstall(ask(fake, { yes: true }));
    const asked = ask(fake, {}, { askTlsRoot: down });
    await trustStatus(asked);
    expect(asked.terminal.outText()).toContain("trusted");
  });
});
