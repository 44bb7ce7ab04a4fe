/** How each platform is told, by the commands that its programs get; the programs are scripts on a PATH of the test's own. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fakeCertutil, type FakeMachine, fakeMachine } from "#test/trust/fake-machine";
import { readRecord } from "./record.ts";
import { readRoot, storedAs } from "./root.ts";
import { storesOf } from "./stores.ts";
import { localRoot } from "#test/trust/local-root";
import { installIn, removeIn, statusIn } from "./trust.ts";

const root = readRoot(localRoot());
const name = storedAs(root);
const sudo = 'if [ "$1" = -n ]; then shift; fi; "$@"';
/** Takes all anchors into the bundle, as the real ones do. */
const bundling = (anchors: string, bundle: string) =>
  `cat "$ROOT/${anchors}"/* > "$ROOT/${bundle}" 2>/dev/null || true`;

const install = ({ machine }: FakeMachine) => installIn(machine, storesOf(machine), root, "/data");
const status = ({ machine }: FakeMachine) => statusIn(storesOf(machine), root);
const remove = async ({ machine }: FakeMachine) => {
  const outcomes = [];
  for (const entry of readRecord(machine)) outcomes.push(...(await removeIn(machine, storesOf(machine), entry)));
  return outcomes;
};

describe.each([
  {
    system: "Debian, Ubuntu, Alpine",
    anchors: "usr/local/share/ca-certificates",
    file: `${name}.crt`,
    bundle: "etc/ssl/certs/ca-certificates.crt",
    program: "update-ca-certificates",
    words: "",
    forget: " --fresh",
  },
  {
    system: "Fedora, RHEL",
    anchors: "etc/pki/ca-trust/source/anchors",
    file: `${name}.pem`,
    bundle: "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    program: "update-ca-trust",
    words: " extract",
    forget: " extract",
  },
  {
    system: "Arch",
    anchors: "etc/ca-certificates/trust-source/anchors",
    file: `${name}.crt`,
    bundle: "etc/ca-certificates/extracted/tls-ca-bundle.pem",
    program: "trust",
    words: " extract-compat",
    forget: " extract-compat",
  },
  {
    system: "SUSE",
    anchors: "etc/pki/trust/anchors",
    file: `${name}.pem`,
    bundle: "var/lib/ca-certificates/ca-bundle.pem",
    program: "update-ca-certificates",
    words: "",
    forget: "",
  },
])("$system", ({ system, anchors, file, bundle, program, words, forget }) => {
  const ready = (over: Parameters<typeof fakeMachine>[0] = {}): FakeMachine => {
    const fake = fakeMachine(over);
    fake.put(`${anchors}/`);
    fake.put(bundle);
    fake.program(program, bundling(anchors, bundle));
    return fake;
  };

  it("gets a file and takes it in by sudo, and no second time", async () => {
    const fake = ready();
    fake.program("sudo", sudo);
    expect(await status(fake)).toMatchObject([{ state: "not trusted", failed: false }]);
    expect(await install(fake)).toMatchObject([{ store: `system (${system})`, state: "trusted", note: "put there" }]);
    const calls = fake.calls();
    expect(calls).toEqual([
      `sudo -n install -m 0644 DRAFT /${anchors}/${file}`,
      `sudo -n ${program}${words}`,
      `${program}${words}`,
    ]);
    expect(await install(fake)).toMatchObject([{ state: "trusted", note: "was there already", failed: false }]);
    expect(fake.calls()).toEqual(calls);
    expect(await status(fake)).toMatchObject([{ state: "trusted" }]);
  });

  it("lets go of that file alone", async () => {
    const fake = ready({ administrator: true });
    const theirs = fake.put(`${anchors}/company.crt`, "theirs");
    await install(fake);
    expect(await remove(fake)).toMatchObject([{ state: "not trusted", note: "taken away" }]);
    expect(fake.calls().at(-1)).toBe(`${program}${forget}`);
    expect(existsSync(theirs)).toBe(true);
    expect(existsSync(theirs.replace("company.crt", file))).toBe(false);
    expect(readRecord(fake.machine)).toEqual([]);
    expect(await remove(fake)).toEqual([]);
  });

  it("is not changed where nobody is root, which is said with the way out", async () => {
    const fake = ready();
    expect(await install(fake)).toMatchObject([
      { failed: true, note: expect.stringContaining("as root run") as unknown },
    ]);
    expect(fake.calls()).toEqual([]);
    expect(readRecord(fake.machine)).toEqual([]);
  });

  it("says what its program complained of", async () => {
    const fake = ready({ administrator: true });
    fake.program(program, "echo 'disk full' >&2; exit 3");
    expect(await install(fake)).toMatchObject([
      { failed: true, note: expect.stringContaining("disk full") as unknown },
    ]);
  });
});

describe("browsers on Linux", () => {
  const databases = [
    "home/ann/.pki/nssdb",
    "home/ann/snap/chromium/current/.pki/nssdb",
    "home/ann/.var/app/com.google.Chrome/.pki/nssdb",
    "home/ann/.mozilla/firefox/a1b2.default",
    "home/ann/snap/firefox/common/.mozilla/firefox/c3.default",
    "home/ann/.var/app/org.mozilla.firefox/.mozilla/firefox/d4.default",
  ];

  it("get it in every database of Chrome and Firefox, confined ones too, trusted for servers alone", async () => {
    const fake = fakeMachine();
    for (const directory of databases) fake.put(`${directory}/cert9.db`);
    fake.put("home/ann/.mozilla/firefox/Crash Reports/"); // no profile
    fake.program("certutil", fakeCertutil);
    expect(
      (await install(fake)).map(({ place, state }) => [place.slice(fake.machine.filesystem.length + 1), state]),
    ).toEqual(databases.map((directory) => [directory, "trusted"]));
    expect(fake.calls().filter((call) => call.startsWith("certutil -A"))).toEqual(
      databases.map((directory) => `certutil -A -d sql:/${directory} -n ${name} -t C,, -i DRAFT`),
    );
    expect((await install(fake)).every(({ note }) => note === "was there already")).toBe(true);
    expect((await remove(fake)).map(({ note }) => note)).toEqual(databases.map(() => "taken away"));
    expect(fake.calls().filter((call) => call.startsWith("certutil -D"))).toHaveLength(databases.length);
  });

  it("get a database where Chrome was never started", async () => {
    const fake = fakeMachine();
    fake.program("certutil", fakeCertutil);
    expect(await install(fake)).toEqual([]); // no browser, nothing to do
    fake.program("google-chrome");
    expect(await install(fake)).toMatchObject([{ state: "trusted", note: "put there" }]);
    expect(fake.calls()).toContain("certutil -N -d sql:/home/ann/.pki/nssdb --empty-password");
  });

  it("are told what to install where certutil is missing, and the system's store gets it all the same", async () => {
    const fake = fakeMachine({ administrator: true });
    fake.put("usr/local/share/ca-certificates/");
    fake.put("etc/ssl/certs/ca-certificates.crt");
    fake.program(
      "update-ca-certificates",
      bundling("usr/local/share/ca-certificates", "etc/ssl/certs/ca-certificates.crt"),
    );
    fake.program("apt-get");
    fake.put("home/ann/.pki/nssdb/cert9.db");
    expect(await install(fake)).toMatchObject([
      { state: "trusted", failed: false },
      { state: "unknown", failed: true, note: "certutil is not there: apt install libnss3-tools" },
    ]);
  });

  it("keep a certificate that only has the name of ours", async () => {
    const fake = fakeMachine();
    fake.program("certutil", fakeCertutil);
    fake.put("home/ann/.pki/nssdb/cert9.db");
    await install(fake);
    const other = fake.put(`home/ann/.pki/nssdb/${name}`, localRoot());
    expect(await remove(fake)).toMatchObject([{ note: "was not there any more" }]);
    expect(existsSync(other)).toBe(true);
  });

  it("whose profile is gone are forgotten", async () => {
    const fake = fakeMachine({ administrator: true });
    fake.program("certutil", fakeCertutil);
    const database = fake.put("home/ann/.mozilla/firefox/a.default/cert9.db");
    await install(fake);
    const { rmSync } = await import("node:fs");
    rmSync(database.replace("/cert9.db", ""), { recursive: true });
    expect(await remove(fake)).toEqual([]);
    expect(readRecord(fake.machine)).toEqual([]);
  });
});

it("macOS: the login keychain, for TLS, found and deleted by hash", async () => {
  const fake = fakeMachine({ platform: "darwin" });
  const hash = root.thumbprint.toUpperCase();
  fake.program(
    "security",
    `case "$1" in
  add-trusted-cert) touch "$ROOT/there" ;;
  delete-certificate) rm "$ROOT/there" ;;
  find-certificate) if [ -e "$ROOT/there" ]; then echo "SHA-1 hash: ${hash}"; fi ;;
esac`,
  );
  const keychain = "/home/ann/Library/Keychains/login.keychain-db";
  expect(await install(fake)).toMatchObject([{ state: "trusted", note: "put there" }]);
  expect(await install(fake)).toMatchObject([{ note: "was there already" }]);
  expect(await remove(fake)).toMatchObject([{ state: "not trusted", note: "taken away" }]);
  expect(fake.calls().filter((call) => !call.includes("find-certificate"))).toEqual([
    `security add-trusted-cert -r trustRoot -p ssl -k ${keychain} DRAFT`,
    `security delete-certificate -Z ${hash} -t ${keychain}`,
  ]);
});

it("Windows: the user's store of roots, by the certutil of the system and the thumbprint", async () => {
  const fake = fakeMachine({ platform: "win32" });
  const { environment, filesystem } = fake.machine;
  const windows = {
    ...fake,
    machine: { ...fake.machine, environment: { ...environment, SystemRoot: `${filesystem}/Windows` } },
  };
  fake.program(
    "Windows/System32/certutil.exe",
    `case "$2" in
  -addstore) touch "$ROOT/there" ;;
  -delstore) rm "$ROOT/there" ;;
  -store) [ -e "$ROOT/there" ] ;;
esac`,
  );
  expect(await install(windows)).toMatchObject([{ state: "trusted", note: "put there" }]);
  expect(await remove(windows)).toMatchObject([{ state: "not trusted", note: "taken away" }]);
  expect(fake.calls().filter((call) => !call.includes(" -store "))).toEqual([
    "certutil.exe -user -addstore Root DRAFT",
    `certutil.exe -user -delstore Root ${root.thumbprint}`,
  ]);
});

it("a new root of the same host takes the place of the one before", async () => {
  const fake = fakeMachine();
  fake.program("certutil", fakeCertutil);
  fake.put("home/ann/.pki/nssdb/cert9.db");
  await install(fake);
  const next = readRoot(localRoot());
  await installIn(fake.machine, storesOf(fake.machine), next, "/data");
  expect(await status(fake)).toMatchObject([{ state: "not trusted" }]);
  expect(readRecord(fake.machine).map(({ fingerprint }) => fingerprint)).toEqual([next.fingerprint]);
});

it("no shell reads what is handed to programs", async () => {
  const fake = fakeMachine();
  fake.program("certutil", fakeCertutil);
  const evil = fake.put("home/ann/.mozilla/firefox/$(touch pwned); rm -rf x/cert9.db");
  expect(await install(fake)).toMatchObject([{ state: "trusted" }]);
  expect(readFileSync(evil.replace("cert9.db", name), "utf8")).toBe(root.pem);
});
