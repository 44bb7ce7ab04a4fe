/** `openssl cmp`, unmodified, against a host that really runs (docs/cmp.md has these commands as recipes). */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Finished, run } from "#test/run";
import { eventually, everyItem, type Host, type Json, startHost } from "#test/e2e/host";
import { newCsr, openssl } from "#test/e2e/openssl";
import { sha256Hex } from "#shared/crypto/hash";
import { fromBase64 } from "#shared/kernel/bytes";
import { expectEnrolled, expectRevoked } from "./enrolled.ts";
import { callCmp } from "./tools/bouncycastle-cmp.ts";

const label = "cmp-lab";
const by = { protocol: "cmp", endpoint: label };

let host: Host;
const at = (file: string): string => join(host.directory, file);

beforeAll(async () => {
  host = await startHost();
  const auth = ["secret", "certificate"];
  await host.admin.ok("POST", "/enrolment-endpoints", { label, protocols: ["cmp"], auth });
  await host.admin.ok("POST", "/enrolment-endpoints", {
    label: "cmp-asks",
    protocols: ["cmp"],
    approval: "manual",
    auth,
  });
  const root = await host.admin.ok("GET", "/issuers/root");
  writeFileSync(at("root.pem"), root.certificate);
  writeFileSync(
    at("tls-ca.pem"),
    (JSON.parse(readFileSync(join(host.data, "cli", "profile.json"), "utf8")) as Json).ca,
  );
  return () => host.stop();
});

let names = 0;
const newName = (): string => `cmp-${++names}.example.test`;
const pem = (file: string): string => readFileSync(at(file), "utf8");

/** -ref and -secret of a new credential. */
async function credential(more: object = {}): Promise<string[]> {
  const { id, secret } = await host.admin.ok("POST", "/enrolment-credentials", { endpoint: label, ...more });
  return ["-ref", id, "-secret", `pass:${secret}`];
}

const serverOf = (url: string): string => new URL(url).host;

/** `openssl cmp` to the plain HTTP port, which needs no TLS: every message protects itself. */
async function attempt(words: readonly string[], path = `.well-known/cmp/p/${label}`): Promise<Finished> {
  const to = ["-server", serverOf(host.revocationUrl), "-path", path, "-no_proxy", "*"];
  return run("openssl", ["cmp", ...to, "-verbosity", "7", ...words]);
}

async function cmp(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await attempt(words);
  if (code !== 0) throw new Error(stdout + stderr);
  return stdout + stderr;
}

async function newKey(file: string, ...kind: string[]): Promise<string> {
  const algorithm = kind.length > 0 ? kind : ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
  await openssl("genpkey", ...algorithm, "-out", at(file));
  return at(file);
}

/** Words that ask for a certificate for a name. */
const asking = (name: string, key: string): string[] => ["-subject", `/CN=${name}`, "-sans", name, "-newkey", key];

/** A certificate by ir under a MAC, in `<file>.pem`, its key in `<file>.key`. */
async function enrolled(file: string, name = newName()) {
  const key = await newKey(`${file}.key`);
  await cmp("-cmd", "ir", ...(await credential()), ...asking(name, key), "-certout", at(`${file}.pem`));
  const signing = ["-cert", at(`${file}.pem`), "-key", key, "-trusted", at("root.pem")];
  return { name, key, file: at(`${file}.pem`), signing, ...(await expectEnrolled(host, pem(`${file}.pem`), by)) };
}

describe("under a MAC", () => {
  it("ir: certificate, chain, root, explicit confirmation", async () => {
    const [name, key] = [newName(), await newKey("ir.key")];
    const outs = ["-certout", at("ir.pem"), "-cacertsout", at("ir-ca.pem"), "-extracertsout", at("ir-extra.pem")];
    const said = await cmp("-cmd", "ir", ...(await credential()), ...asking(name, key), ...outs);
    expect(said).toMatch(/sending CERTCONF[\s\S]*received PKICONF/);
    await expectEnrolled(host, pem("ir.pem"), { ...by, names: [`dns:${name}`] });
    expect(pem("ir-ca.pem").trim()).toBe(pem("root.pem").trim());
    expect(
      await openssl("verify", "-CAfile", at("ir-ca.pem"), "-untrusted", at("ir-extra.pem"), at("ir.pem")),
    ).toContain("OK");
  });

  it("cr with implicit confirmation, an RSA key and another HMAC", async () => {
    const [name, key] = [newName(), await newKey("cr.key", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")];
    const words = ["-implicit_confirm", "-mac", "hmacWithSHA256", "-digest", "sha512", "-certout", at("cr.pem")];
    const said = await cmp("-cmd", "cr", ...(await credential()), ...asking(name, key), ...words);
    expect(said).not.toContain("CERTCONF");
    await expectEnrolled(host, pem("cr.pem"), { ...by, names: [`dns:${name}`] });
  });

  it("p10cr", async () => {
    const name = newName();
    await newCsr(host.directory, "p10", name);
    await cmp("-cmd", "p10cr", "-csr", at("p10.csr"), ...(await credential()), "-certout", at("p10.pem"));
    await expectEnrolled(host, pem("p10.pem"), { ...by, names: [`dns:${name}`] });
  });

  it("over TLS, by the path of the operation", async () => {
    const [name, key] = [newName(), await newKey("tls.key")];
    const tls = ["-server", serverOf(host.apiUrl), "-tls_used", "-tls_trusted", at("tls-ca.pem")];
    const words = [...tls, "-cmd", "ir", ...(await credential()), ...asking(name, key), "-certout", at("tls.pem")];
    const said = await attempt(words, `.well-known/cmp/p/${label}/initialization`);
    expect(said.code, said.stderr).toBe(0);
    await expectEnrolled(host, pem("tls.pem"), by);
  });

  it("rr by the credential of the name", async () => {
    const { name, file, ...rest } = await enrolled("rr-mac");
    const words = ["-cmd", "rr", "-oldcert", file, "-revreason", "4"];
    const stranger = await attempt([...words, ...(await credential({ names: ["other.example.test"] }))]);
    expect(stranger.code).not.toBe(0);
    expect(stranger.stdout + stranger.stderr).toContain("notAuthorized");
    await cmp(...words, ...(await credential({ names: [name] })));
    await expectRevoked(host, { certificate: rest.certificate, bundle: rest.bundle }, "superseded");
  });

  it("genm", async () => {
    const said = await attempt(["-cmd", "genm", "-infotype", "signKeyPairTypes", ...(await credential())]);
    expect(said.stdout + said.stderr).toContain("signKeyPairTypes is not served; served are caCerts");
    expect(await cmp("-cmd", "genm", ...(await credential()))).toContain("received GENP");
  });
});

describe("under a signature", () => {
  it("kur: the old certificate signs, the RA answers", async () => {
    const old = await enrolled("kur");
    const key = await newKey("kur-2.key");
    const said = await cmp("-cmd", "kur", ...old.signing, "-newkey", key, "-certout", at("kur-2.pem"));
    expect(said).toMatch(/received KUP[\s\S]*received PKICONF/);
    const next = await expectEnrolled(host, pem("kur-2.pem"), { ...by, names: [`dns:${old.name}`] });
    expect(next.certificate.replaces_id).toBe(old.certificate.id);
  });

  it("cr and p10cr for the same name, and for no other", async () => {
    const old = await enrolled("cr-signed");
    const key = await newKey("cr-signed-2.key");
    await cmp("-cmd", "cr", ...old.signing, ...asking(old.name, key), "-certout", at("cr-2.pem"));
    await expectEnrolled(host, pem("cr-2.pem"), { ...by, names: [`dns:${old.name}`] });
    await newCsr(host.directory, "p10-signed", old.name);
    await cmp(
      "-cmd",
      "p10cr",
      "-csr",
      at("p10-signed.csr"),
      ...old.signing,
      "-implicit_confirm",
      "-certout",
      at("p10-2.pem"),
    );
    await expectEnrolled(host, pem("p10-2.pem"), by);
    const other = await attempt(["-cmd", "cr", ...old.signing, ...asking(newName(), key), "-certout", at("never.pem")]);
    expect(other.stdout + other.stderr).toContain("notAuthorized");
    expect(existsSync(at("never.pem"))).toBe(false);
  });

  it("rr by the certificate itself; after it, it signs nothing more", async () => {
    const own = await enrolled("rr-own");
    await cmp("-cmd", "rr", ...own.signing, "-oldcert", own.file, "-revreason", "1");
    await expectRevoked(host, own, "keyCompromise");
    const key = await newKey("rr-own-2.key");
    const late = await attempt([
      "-cmd",
      "kur",
      ...own.signing,
      "-newkey",
      key,
      "-certout",
      at("never.pem"),
      "-unprotected_errors",
    ]);
    expect(late.stdout + late.stderr).toContain("signerNotTrusted");
  });

  it("genm", async () => {
    const own = await enrolled("genm");
    expect(await cmp("-cmd", "genm", ...own.signing)).toContain("received GENP");
  });
});

describe("refusals", () => {
  it.each([
    ["raVerified", ["-popo", "-1"], "badPOP"],
    ["no proof of possession", ["-popo", "0"], "badPOP"],
    ["an end beyond the profile", ["-days", "3000"], "badCertTemplate"],
    ["another issuer", ["-issuer", "/CN=Nobody"], "wrongAuthority"],
  ])("%s", async (_name, words, failInfo) => {
    const key = await newKey("refused.key");
    const asked = ["-cmd", "ir", ...(await credential()), ...asking(newName(), key), "-certout", at("never.pem")];
    const said = await attempt([...asked, ...words]);
    expect(said.code).not.toBe(0);
    expect(said.stdout + said.stderr).toContain(failInfo);
  });

  it("without a protection, and with a wrong secret", async () => {
    const key = await newKey("refused.key");
    const words = ["-cmd", "ir", ...asking(newName(), key), "-certout", at("never.pem"), "-unprotected_errors"];
    const bare = await attempt([...words, "-unprotected_requests"]);
    expect(bare.stdout + bare.stderr).toContain("badMessageCheck");
    const [ref = "", id = ""] = await credential();
    const wrong = await attempt([...words, ref, id, "-secret", "pass:guess"]);
    expect(wrong.stdout + wrong.stderr).toContain("badMessageCheck");
    expect(existsSync(at("never.pem"))).toBe(false);
  });

  it("a certificate that the client does not accept is revoked", async () => {
    const [name, key] = [newName(), await newKey("rejected.key")];
    const words = ["-cmd", "ir", ...(await credential()), ...asking(name, key), "-certout", at("never.pem")];
    writeFileSync(at("elsewhere.pem"), pem("tls-ca.pem"));
    const said = await attempt([...words, "-out_trusted", at("elsewhere.pem")]);
    expect(said.code).not.toBe(0);
    const all = await everyItem(host.admin, "/certificates");
    const found = all.find((item) => item.sans.includes(`dns:${name}`));
    expect(found).toMatchObject({ status: "revoked", revocation_reason: "cessationOfOperation" });
  });
});

it("Bouncy Castle: ir under PBMAC1, kur and certConf signed, a nested message, genm both ways, rr", async () => {
  const name = newName();
  const [, ref = "", , secret = ""] = await credential();
  const url = `${host.revocationUrl}/.well-known/cmp/p/${label}`;
  const said = await callCmp(url, ref, secret.slice("pass:".length), name);
  expect([...said.keys()]).toEqual(["ir", "kur", "nested", "told-by-mac", "told-by-ra", "revoked"]);
  for (const by of ["mac", "ra"]) expect(said.get(`told-by-${by}`)).toBe("2 certificates, kinds of keys, CRL signed");
  expect(said.get("revoked")).toBe("0");
  await expectEnrolled(host, fromBase64(said.get("nested") ?? ""), { ...by, names: [`dns:${name}`] });
  const all = await everyItem(host.admin, "/certificates");
  const statusOf = (what: string) =>
    all.find(({ fingerprint }) => fingerprint === sha256Hex(fromBase64(said.get(what) ?? "")))?.status;
  expect([statusOf("ir"), statusOf("kur"), statusOf("nested")]).toEqual(["superseded", "revoked", "active"]);
});

it("polling while a person decides", async () => {
  const [name, key] = [newName(), await newKey("poll.key")];
  const words = ["-cmd", "ir", ...(await credential({ endpoint: "cmp-asks" })), ...asking(name, key)];
  const asked = attempt([...words, "-certout", at("poll.pem"), "-total_timeout", "120"], ".well-known/cmp/p/cmp-asks");
  await eventually("a request that waits", async () => {
    const { items }: Json = await host.admin.ok("GET", "/enrolment-requests");
    const waiting = items.find((item: Json) => item.endpoint === "cmp-asks" && item.status === "pending");
    if (waiting === undefined) return undefined;
    await host.admin.ok("POST", `/enrolment-requests/${waiting.id}/approve`);
    return true;
  });
  const { code, stdout, stderr } = await asked;
  expect(code, stdout + stderr).toBe(0);
  expect(stdout + stderr).toContain("POLLREQ");
  await expectEnrolled(host, pem("poll.pem"), { protocol: "cmp", endpoint: "cmp-asks", names: [`dns:${name}`] });
});
