/** What an older release wrote is found by this one, all of it. */
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { clone, everyItem, fetchPlain, type Host, type Json, startHost, temporaryDirectory } from "./host.ts";
import { bundleFiles, newCsr, ocspArguments, openssl, statusIn, urlsIn, verifyChain } from "./openssl.ts";

const fixture = join(clone, "test", "fixtures", "data-v1");
const expected: Json = JSON.parse(readFileSync(join(fixture, "expected.json"), "utf8"));

/** Time goes on: what may have changed since by itself. */
const lasting = ({ status, ...item }: Json): Json => (status === "revoked" ? { ...item, status } : item);
const byId = (items: Json[]): Json[] => items.toSorted((a, b) => (a.id < b.id ? -1 : 1));

describe("a data directory of format 1", () => {
  let host: Host;
  let marker: Json;
  beforeAll(async () => {
    const directory = temporaryDirectory();
    execFileSync("tar", ["-xzf", join(fixture, "installation.tar.gz"), "-C", directory]);
    for (const entry of ["data", "kek"]) chmodSync(join(directory, entry), entry === "kek" ? 0o600 : 0o700);
    host = await startHost({ directory });
    marker = JSON.parse(readFileSync(join(host.data, "trstctl.json"), "utf8"));
    return () => host.stop();
  });

  /** Over the listener as it is now, whatever port stands in the certificate. */
  const here = (url: string): string => host.revocationUrl + new URL(url).pathname;
  const bundleOf = async (id: string) => {
    const { certificate, chain }: Json = await host.admin.ok("GET", `/certificates/${id}`);
    const { certificate: root }: Json = await host.admin.ok("GET", "/issuers/root");
    return bundleFiles(host.directory, id.slice(-8), [certificate, ...chain].join(""), root);
  };
  const statusOf = async (id: string): Promise<string> => {
    const bundle = await bundleOf(id);
    const { ocsp } = await urlsIn(bundle.leaf);
    return statusIn(bundle, await openssl(...ocspArguments(bundle), "-url", here(ocsp), "-nonce"));
  };

  it("is brought to format 2, once, and says so", async () => {
    expect(marker).toEqual({ format: "trstctl-data/2", installation: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(host.stderr()).toMatch(/from format trstctl-data\/1 to trstctl-data\/2/);
  });

  it.each(["certificates", "issuers", "owners", "identities"])("keeps its %s", async (what) => {
    const items = byId(await everyItem(host.admin, `/${what}`));
    expect(items.map(({ id }) => id)).toEqual(byId(expected[what]).map(({ id }) => id));
    expect(items).toMatchObject(byId(expected[what]).map(lasting));
  });

  it("keeps its log, and the log still gives its state", async () => {
    for (const command of ["verify", "state", "reconcile"]) {
      const { code, stdout, stderr } = await host.cli("audit", command);
      expect(code, `audit ${command}\n${stdout}${stderr}`).toBe(0);
    }
    const [{ lane, sequence, hash }]: [Json] = expected.heads;
    const events = await everyItem(host.admin, "/audit/events");
    expect(events.find((event) => event.lane === lane && event.sequence === sequence)).toMatchObject({ hash });
  });

  it("answers for what it issued: OCSP, and a CRL with a higher number", async () => {
    const revoked = expected.certificates.find(({ status }: Json) => status === "revoked");
    const good = expected.certificates.find(({ status }: Json) => status === "active");
    expect(await statusOf(revoked.id)).toBe("revoked superseded");
    expect(await statusOf(good.id)).toBe("good");
    const next = await host.admin.ok("POST", `/certificates/${good.id}/revoke`, { reason: "keyCompromise" });
    expect(next.status).toBe("revoked");
    expect(await statusOf(good.id)).toBe("revoked keyCompromise");
    const bundle = await bundleOf(good.id);
    const file = `${bundle.leaf}.crl`;
    writeFileSync(file, (await fetchPlain(here((await urlsIn(bundle.leaf)).crl))).bytes);
    const crl = await openssl("crl", "-inform", "DER", "-in", file, "-noout", "-text");
    for (const { serial } of [revoked, good]) expect(crl.toLowerCase()).toContain(serial);
    expect(Number(/CRL Number: *\s+(\d+)/.exec(crl)?.[1])).toBeGreaterThan(2);
  });

  it("issues from every issuer it had", async () => {
    for (const { id } of expected.issuers.filter(({ role }: Json) => role === "issuing")) {
      const csr = await newCsr(host.directory, id, "new.example.test");
      const made = await host.admin.ok("POST", "/certificates", { csr, issuer_id: id });
      expect((await verifyChain(await bundleOf(made.id))).code).toBe(0);
      expect(await statusOf(made.id)).toBe("good");
    }
  });
});
