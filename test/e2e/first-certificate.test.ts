import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { clone, fetchPlain, type Host, run, startHost } from "./host.ts";
import {
  type Bundle,
  bundleFiles,
  keyArguments,
  keyNames,
  newCsr,
  ocspArguments,
  ocspStatus,
  openssl,
  statusIn,
  urlsIn,
  verifyChain,
} from "./openssl.ts";

let host: Host;
beforeAll(async () => {
  host = await startHost();
  return () => host.stop();
});

/** The CRL behind the URL in the certificate as it is now: who revoked and then looks finds it there, without waiting. */
async function crlOf({ leaf }: Bundle, listed: boolean): Promise<string> {
  const { crl } = await urlsIn(leaf);
  const serial = (await openssl("x509", "-in", leaf, "-noout", "-serial")).trim().replace("serial=", "");
  const [der, pem] = [`${leaf}.crl`, `${leaf}.crl.pem`];
  const { status, bytes } = await fetchPlain(crl);
  expect(status).toBe(200);
  writeFileSync(der, bytes);
  await openssl("crl", "-inform", "DER", "-in", der, "-out", pem);
  const text = await openssl("crl", "-in", pem, "-noout", "-text");
  expect(text.includes(`Serial Number: ${serial}`), `the CRL lists ${serial}`).toBe(listed);
  return pem;
}

async function succeeded(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await host.cli(...words);
  expect(code, `trstctl ${words.join(" ")}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

describe.each(keyNames)("the first certificate, with a %s key", (key) => {
  const name = `${key.toLowerCase()}.example.test`;
  let bundle: Bundle;
  let id: string;

  it("is issued for a request made by openssl", async () => {
    const files = { csr: join(host.directory, `${key}.csr`), pem: join(host.directory, `${key}.pem`) };
    await openssl(
      ["req", "-new", ...keyArguments[key], "-nodes", "-keyout", join(host.directory, `${key}.key`)],
      ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`, "-out", files.csr],
    );
    const shown = await succeeded("certificates", "issue", "--csr", files.csr, "--out", files.pem);
    id = /^id +(\S+)$/m.exec(shown)?.[1] ?? "";
    expect(id).toMatch(/^[a-z2-7]{20}-[0-9a-f]{32}$/);
    const root = join(host.directory, `${key}.root`);
    await succeeded("issuers", "root", "--out", root);
    await expect(openssl("verify", "-CAfile", root, "-untrusted", files.pem, files.pem)).resolves.toContain(": OK");
    bundle = bundleFiles(host.directory, key, readFileSync(files.pem, "utf8"), readFileSync(root, "utf8"));
    expect((await verifyChain(bundle, "-purpose", "sslserver", "-verify_hostname", name)).code).toBe(0);
    const publicKeys = await Promise.all([
      openssl("x509", "-in", bundle.leaf, "-noout", "-pubkey"),
      openssl("pkey", "-in", join(host.directory, `${key}.key`), "-pubout"),
    ]);
    expect(publicKeys[0]).toBe(publicKeys[1]);
  });

  it("is good by OCSP over the URL inside it, by POST and GET, with and without nonce", async () => {
    await expect(ocspStatus(bundle, "-nonce")).resolves.toBe("good");
    await expect(ocspStatus(bundle, "-no_nonce")).resolves.toBe("good");
    await expect(ocspStatus(bundle, "-nonce", "-sha256")).resolves.toBe("good");
    const { ocsp } = await urlsIn(bundle.leaf);
    for (const nonce of ["-no_nonce", "-nonce"]) {
      const [request, response] = [join(host.directory, `${key}.ocspreq`), join(host.directory, `${key}.ocspres`)];
      await openssl("ocsp", "-issuer", bundle.issuer, "-cert", bundle.leaf, nonce, "-reqout", request);
      const asked = encodeURIComponent(readFileSync(request).toString("base64"));
      const answer = await fetchPlain(`${ocsp}/${asked}`);
      expect(answer.headers["content-type"]).toBe("application/ocsp-response");
      expect(answer.headers["cache-control"]).toMatch(nonce === "-nonce" ? /^no-store$/ : /^public, max-age=\d+/);
      writeFileSync(response, answer.bytes);
      const read = await openssl(...ocspArguments(bundle), "-no_nonce", "-respin", response);
      expect(statusIn(bundle, read)).toBe("good");
    }
  });

  it("is not on its CRL, and its issuer is where it says", async () => {
    const crl = await crlOf(bundle, false);
    expect((await verifyChain(bundle, "-crl_check", "-CRLfile", crl)).code).toBe(0);
    const { caIssuers } = await urlsIn(bundle.leaf);
    const { bytes, headers } = await fetchPlain(caIssuers);
    expect(headers["content-type"]).toBe("application/pkix-cert");
    writeFileSync(`${bundle.issuer}.der`, bytes);
    expect(await openssl("x509", "-inform", "DER", "-in", `${bundle.issuer}.der`)).toBe(
      readFileSync(bundle.issuer, "utf8"),
    );
  });

  it("is listed", async () => {
    const list = JSON.parse(await succeeded("certificates", "list", "--output", "json"));
    expect(Object.keys(list).sort()).toEqual(["items", "next_cursor"]);
    const listed = list.items.find((item: { id: string }) => item.id === id);
    const serial = (await openssl("x509", "-in", bundle.leaf, "-noout", "-serial")).trim().replace("serial=", "");
    expect(listed).toMatchObject({ id, serial: serial.toLowerCase(), status: "active", kind: "leaf" });
  });

  it("is revoked: OCSP at once, then the CRL", async () => {
    await succeeded("certificates", "revoke", id, "--reason", "keyCompromise", "--yes");
    await expect(ocspStatus(bundle)).resolves.toBe("revoked keyCompromise");
    await expect(ocspStatus(bundle, "-no_nonce")).resolves.toBe("revoked keyCompromise");
    const crl = await crlOf(bundle, true);
    const refused = await verifyChain(bundle, "-crl_check", "-CRLfile", crl);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("certificate revoked");
    expect(await openssl("crl", "-in", crl, "-noout", "-text")).toMatch(/Issuing Distribution Point: critical/);
  });

  it("has every step in the audit trail", async () => {
    const types = async (): Promise<string[]> => {
      const { items } = await host.admin.ok("GET", `/audit/events?limit=100`);
      return items
        .filter(({ resource }: { resource: { id: string } }) => resource.id === id)
        .map(({ type }: { type: string }) => type);
    };
    expect(await types()).toEqual(["certificate.revoked", "certificate.issued"]);
  });
});

describe("an issuer created over the API", () => {
  it.each(keyNames)("with a %s key issues what openssl accepts, in chain, OCSP and CRL", async (algorithm) => {
    const issuer = await host.admin.ok("POST", "/issuers", { name: `${algorithm} CA`, key_algorithm: algorithm });
    const file = `by-${algorithm}`;
    const csr = await newCsr(host.directory, file, `${file}.example.test`.toLowerCase());
    const leaf = await host.admin.ok("POST", "/certificates", { csr, issuer_id: issuer.id });
    const root = await host.admin.ok("GET", "/issuers/root");
    const bundle = bundleFiles(host.directory, file, [leaf.certificate, ...leaf.chain].join(""), root.certificate);
    expect((await verifyChain(bundle)).code).toBe(0);
    await expect(ocspStatus(bundle)).resolves.toBe("good");
    expect((await verifyChain(bundle, "-crl_check", "-CRLfile", await crlOf(bundle, false))).code).toBe(0);
    await host.admin.ok("POST", `/certificates/${leaf.id}/revoke`, { reason: "superseded" });
    await expect(ocspStatus(bundle)).resolves.toBe("revoked superseded");
    const refused = await verifyChain(bundle, "-crl_check", "-CRLfile", await crlOf(bundle, true));
    expect(refused.stderr).toContain("certificate revoked");
  });
});

describe("afterwards", () => {
  it("a CRL that did not change is not sent again", async () => {
    const { items } = await host.admin.ok("GET", "/issuers");
    const [url] = items[0].crl_urls as [string];
    const first = await fetchPlain(url);
    expect(first.headers["content-type"]).toBe("application/pkix-crl");
    const { etag = "" } = first.headers;
    const again = await fetchPlain(url, { headers: { "if-none-match": etag } });
    expect([again.status, again.bytes.length, again.headers.etag]).toEqual([304, 0, etag]);
    expect((await fetchPlain(url, { headers: { "if-none-match": `"other", W/${etag}` } })).status).toBe(304);
    expect((await fetchPlain(url, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
  });

  it("the audit trail lists, verifies and reconciles", async () => {
    const table = await succeeded("audit", "list");
    for (const type of ["certificate.issued", "certificate.revoked", "crl.published"]) expect(table).toContain(type);
    expect(await succeeded("audit", "verify")).toContain("the chain holds");
    const reconciled = JSON.parse(await succeeded("audit", "reconcile", "--output", "json"));
    expect(reconciled).toMatchObject({ clean: true, repaired: [], unjournalled: [], refused: 0 });
    expect(reconciled.recorded + reconciled.in_flight).toBe(reconciled.signatures);
  });

  it("an export verifies without the host, and a changed one does not", async () => {
    const file = join(host.directory, "export.json");
    const text = await succeeded("audit", "export", "--all", "--output", "json");
    writeFileSync(file, text);
    expect(await succeeded("audit", "verify", "--from", file)).toContain("the chain holds");
    writeFileSync(file, text.replace("keyCompromise", "superseded"));
    const { code, stdout } = await host.cli("audit", "verify", "--from", file);
    expect(code).toBe(1);
    expect(stdout).toContain("the chain is broken");
  });

  it("`npx trstctl` is the same command", async () => {
    const { TRSTCTL_DATA_DIR } = host.settings;
    const env = { PATH: process.env["PATH"], HOME: host.directory, TRSTCTL_DATA_DIR };
    const { code, stdout, stderr } = await run("npx", ["trstctl", "issuers", "root"], { cwd: clone, env });
    expect(code, stderr).toBe(0);
    expect(stdout).toBe(await succeeded("issuers", "root"));
  });

  it("the profile is its owner's alone, and the host has told nobody a secret", () => {
    const profile = join(host.settings["TRSTCTL_DATA_DIR"] ?? "", "cli", "profile.json");
    expect(statSync(profile).mode & 0o777).toBe(0o600);
    const said = host.stdout() + host.stderr();
    expect(said).not.toContain(host.adminToken);
    expect(said).not.toContain(host.adminToken.slice(-43));
    expect(said).not.toContain("PRIVATE KEY");
  });
});
