/** A backup of a running host, and the installation that comes back from it. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { dataFiles, fileClass } from "#infra/local/backup/data-files";
import { everyItem, fetchPlain, type Host, type Json, settledHeads, startHost, temporaryDirectory } from "./host.ts";
import { bundleFiles, newCsr, ocspArguments, openssl, statusIn, urlsIn, verifyChain } from "./openssl.ts";
import { signalGroup } from "./processes.ts";

async function done(host: Host, ...words: string[]): Promise<Json> {
  const { code, stdout, stderr } = await host.cli(...words, "--output", "json");
  expect(code, `trstctl ${words.join(" ")}\n${stdout}${stderr}`).toBe(0);
  return JSON.parse(stdout);
}

const lists = ["certificates", "issuers", "owners", "identities"];
const inventory = async (host: Host): Promise<Json> =>
  Object.fromEntries(await Promise.all(lists.map(async (what) => [what, await everyItem(host.admin, `/${what}`)])));

/** Number and text of the CRL that the certificate names, from the host's own listener. */
async function crlOf(host: Host, id: string) {
  const { leaf } = await bundleOf(host, id);
  const file = `${leaf}.crl`;
  writeFileSync(file, (await fetchPlain(host.revocationUrl + new URL((await urlsIn(leaf)).crl).pathname)).bytes);
  const text = (await openssl("crl", "-inform", "DER", "-in", file, "-noout", "-text")).toLowerCase();
  return { text, number: BigInt(/crl number: *\s+(0x[0-9a-f]+|\d+)/.exec(text)?.[1] ?? "-1") };
}

async function bundleOf(host: Host, id: string) {
  const { certificate, chain }: Json = await host.admin.ok("GET", `/certificates/${id}`);
  const { certificate: root }: Json = await host.admin.ok("GET", "/issuers/root");
  return bundleFiles(host.directory, id.slice(-8), [certificate, ...chain].join(""), root);
}

async function statusOf(host: Host, id: string): Promise<string> {
  const bundle = await bundleOf(host, id);
  const url = host.revocationUrl + new URL((await urlsIn(bundle.leaf)).ocsp).pathname;
  return statusIn(bundle, await openssl(...ocspArguments(bundle), "-url", url, "-nonce"));
}

describe("an installation that came back from a backup", () => {
  let host: Host;
  let before: { inventory: Json; heads: Json; crl: bigint; unclassified: string[]; report: Json };
  let ids: string[];
  let lost: string;
  beforeAll(async () => {
    const original = await startHost();
    const issue = async (name: string): Promise<string> => {
      const csr = await newCsr(original.directory, name, `${name}.example.test`);
      return (await original.admin.ok("POST", "/certificates", { csr })).id;
    };
    const revoke = (id: string | undefined): Promise<Json> =>
      original.admin.ok("POST", `/certificates/${id}/revoke`, { reason: "superseded" });
    await original.admin.ok("POST", "/owners", { kind: "team", name: "platform" });
    ids = [await issue("alpha"), await issue("bravo"), await issue("charlie")];
    await revoke(ids[0]);
    const heads = await settledHeads(original.admin);
    const unclassified = dataFiles(original.data).filter((path) => fileClass(path) === undefined);
    const at = await inventory(original);
    const key = join(original.directory, "backup-key");
    const file = join(original.directory, "b.backup");
    await done(original, "backup", "create-key", "--key", key);
    const report = await done(original, "backup", "create", "--to", file, "--key", key);
    // What comes after the backup is lost with the machine.
    lost = await issue("delta");
    await revoke(ids[1]);
    await revoke(lost);
    before = { inventory: at, heads, crl: (await crlOf(original, lost)).number, unclassified, report };
    signalGroup(original.pid, "SIGKILL");
    await original.exited;
    const directory = temporaryDirectory();
    const kek = join(original.directory, "kek");
    writeFileSync(join(directory, "kek"), readFileSync(kek), { mode: 0o600 });
    const settings = { TRSTCTL_KEK_FILE: join(directory, "kek") };
    const to = join(directory, "data");
    await done(original, "restore", "--from", file, "--key", key, "--to", to);
    host = await startHost({ directory, settings });
    return () => host.stop();
  });

  it("was backed up whole: what every file of a host in use is to a backup is declared", () => {
    expect(before.unclassified).toEqual([]);
    expect(before.report).toMatchObject({ left_out: [], installation: expect.any(String) });
  });

  it("has the inventory of the moment of the backup", async () => {
    expect(await inventory(host)).toEqual(before.inventory);
    expect((await host.admin.send("GET", `/certificates/${lost}`)).status).toBe(404);
  });

  it("goes on with the same chain, in which the restore stands", async () => {
    const [{ lane, sequence, hash }]: [Json] = before.heads;
    const events = (await everyItem(host.admin, "/audit/events")).filter((event) => event.lane === lane);
    expect(events.find((event) => event.sequence === sequence)).toMatchObject({ hash });
    expect(events.find((event) => event.sequence === sequence + 1)).toMatchObject({ type: "tenant.restored" });
    expect(events.filter(({ type }) => type === "tenant.restored")).toHaveLength(1);
    expect(existsSync(join(host.data, "host", "restored.json"))).toBe(false);
    for (const command of ["verify", "state", "reconcile"]) await done(host, "audit", command);
  });

  it("answers for what it had issued, and its CRLs are numbered above any that were lost", async () => {
    expect(await statusOf(host, ids[0] ?? "")).toBe("revoked superseded");
    expect(await statusOf(host, ids[2] ?? "")).toBe("good");
    await host.admin.ok("POST", `/certificates/${ids[2]}/revoke`, { reason: "keyCompromise" });
    const { number, text } = await crlOf(host, ids[2] ?? "");
    expect(number).toBeGreaterThan(before.crl + 1000n);
    for (const id of [ids[0], ids[2]]) expect(text).toContain(id?.split("-")[1]);
    expect(await statusOf(host, ids[2] ?? "")).toBe("revoked keyCompromise");
  });

  it("issues from the issuers it had, and can be backed up again", async () => {
    const csr = await newCsr(host.directory, "echo", "echo.example.test");
    const { id }: Json = await host.admin.ok("POST", "/certificates", { csr });
    expect((await verifyChain(await bundleOf(host, id))).code).toBe(0);
    expect(await statusOf(host, id)).toBe("good");
    await settledHeads(host.admin);
    await done(host, "backup", "create-key");
    const report = await done(host, "backup", "create", "--to", host.directory);
    const kek = join(host.directory, "kek");
    expect(await done(host, "backup", "verify", "--from", report.file, "--kek", kek)).toMatchObject({
      installation: report.installation,
      keys_opened: true,
    });
  });
});
