/** `trstctl trust` as the browser and curl see it: refused, trusted, refused again; and what a thief of the root's key gets. */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { readRoot } from "#cli/trust/root";
import { thisMachine } from "#cli/trust/machine";
import { storesOf } from "#cli/trust/stores";
import { installIn, removeIn, statusIn } from "#cli/trust/trust";
import { readRecord } from "#cli/trust/record";
import { assembleSigned, buildTbsCertificate } from "#shared/pki/certificate";
import {
  authorityKeyIdentifier,
  basicConstraints,
  extKeyUsage,
  keyUsage,
  nameConstraints,
  subjectAltName,
  subjectKeyIdentifier,
} from "#shared/pki/extensions";
import { keyIdentifier } from "#shared/pki/key";
import { commonName, nameDer } from "#shared/pki/name";
import { constraintsOf } from "#shared/pki/name-constraint";
import { pemEncode } from "#shared/pki/pem";
import { type Host, run, startHost, temporaryDirectory } from "#test/e2e/host";
import { originOf } from "./browser.ts";

/** What a browser that is started anew in this home shows of an address: the page's heading, or why it refuses. */
async function look(home: string, url: string, rules?: string): Promise<string> {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", ...(rules === undefined ? [] : [`--host-resolver-rules=${rules}`])],
    env: { PATH: process.env["PATH"] ?? "", HOME: home },
  });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    return (await page.getByRole("heading", { level: 1 }).textContent()) ?? "";
  } catch (error) {
    return /net::\w+/.exec(String(error))?.[0] ?? String(error);
  } finally {
    await browser.close();
  }
}

let host: Host;
beforeAll(async () => {
  host = await startHost();
});
afterAll(async () => host?.stop());

describe("the console in Chromium, in a home of its own", () => {
  const browsers = ["--only", "browsers"];

  it("is refused, opens after trust install, and is refused again after trust remove", async () => {
    const home = host.directory;
    mkdirSync(join(home, ".pki", "nssdb"), { recursive: true });
    expect((await run("certutil", ["-N", "-d", `sql:${home}/.pki/nssdb`, "--empty-password"])).code).toBe(0);
    const url = `${originOf(host)}/`;
    expect(await look(home, url)).toBe("net::ERR_CERT_AUTHORITY_INVALID");
    expect(host.stdout()).toContain("npx trstctl trust install");
    expect((await host.cli("console")).stderr).toContain("npx trstctl trust install");
    expect((await host.cli("trust", "status", ...browsers)).code).toBe(1);

    const installed = await host.cli("trust", "install", "--yes", ...browsers);
    expect([installed.code, installed.stdout]).toEqual([0, expect.stringContaining("put there")]);
    expect(await look(home, url)).toBe("trstctl");
    expect(await look(home, url.replace("trstctl.localhost", "127.0.0.1"))).toBe("trstctl");
    expect((await host.cli("trust", "status", ...browsers)).code).toBe(0);
    expect((await host.cli("console")).stderr).toBe("");

    const removed = await host.cli("trust", "remove", "--yes", ...browsers);
    expect([removed.code, removed.stdout]).toEqual([0, expect.stringContaining("taken away")]);
    expect(await look(home, url)).toBe("net::ERR_CERT_AUTHORITY_INVALID");
  });

  it("asks before it changes anything", async () => {
    const { code, stderr } = await host.cli("trust", "install", ...browsers);
    expect([code, stderr]).toEqual([2, expect.stringContaining("--yes")]);
  });
});

describe("the system's store", () => {
  it("lets curl in after install and not after remove: Debian's own program, on a store in a directory", async () => {
    const filesystem = temporaryDirectory();
    const at = (path: string): string => join(filesystem, path);
    for (const directory of ["usr/local/share/ca-certificates", "etc/ssl/certs", "programs", "hooks"])
      mkdirSync(at(directory), { recursive: true });
    const program = at("programs/update-ca-certificates");
    const places = `--localcertsdir ${at("usr/local/share/ca-certificates")} --etccertsdir ${at("etc/ssl/certs")} --hooksdir ${at("hooks")}`;
    writeFileSync(program, `#!/bin/sh\nexec /usr/sbin/update-ca-certificates ${places} "$@"\n`);
    chmodSync(program, 0o755);
    writeFileSync(at("etc/ssl/certs/ca-certificates.crt"), "");
    const environment = { PATH: `${at("programs")}:${process.env["PATH"] ?? ""}`, HOME: filesystem };
    // The store is ours: nobody needs to be root for it.
    const machine = { ...thisMachine(environment, false), home: filesystem, filesystem, administrator: true };
    const stores = storesOf(machine).filter(({ kind }) => kind === "system");
    const root = readRoot((await host.cli("tls-root")).stdout);
    const curl = async (...trust: string[]): Promise<number | null> =>
      (await run("curl", ["--silent", "--output", "/dev/null", ...trust, `${host.apiUrl}/api/v1/openapi.json`])).code;
    const bundle = ["--cacert", at("etc/ssl/certs/ca-certificates.crt")];
    const directory = ["--capath", at("etc/ssl/certs")];

    expect(await statusIn(stores, root)).toMatchObject([{ state: "not trusted" }]);
    expect(await curl(...directory)).toBe(60);
    expect(await installIn(machine, stores, root, "here")).toMatchObject([{ state: "trusted", note: "put there" }]);
    expect([await curl(...bundle), await curl(...directory)]).toEqual([0, 0]);
    const [entry] = readRecord(machine);
    if (entry === undefined) throw new Error("nothing was written down");
    expect(await removeIn(machine, stores, entry)).toMatchObject([{ note: "taken away" }]);
    expect([await curl(...bundle), await curl(...directory)]).toEqual([60, 60]); // not verified;
    expect(readFileSync(at("etc/ssl/certs/ca-certificates.crt"), "utf8")).not.toContain(root.pem);
  });
});

describe("who has stolen the key of a root that a browser trusts", () => {
  interface Key {
    readonly key: KeyObject;
    readonly spki: Uint8Array;
  }
  const newKey = (): Key => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return { key: privateKey, spki: new Uint8Array(publicKey.export({ format: "der", type: "spki" })) };
  };
  let serials = 0;
  const certify = (issuer: Key, issuerName: string, subject: Key, name: string, extensions: readonly Uint8Array[]) => {
    const now = Math.floor(Date.now() / 1000) * 1000;
    const tbs = buildTbsCertificate({
      serial: new Uint8Array(16).fill(0x55 + serials++),
      signatureAlgorithm: "ecdsa-with-SHA256",
      issuerNameDer: nameDer(commonName(issuerName)),
      subjectNameDer: nameDer(commonName(name)),
      notBeforeMs: now - 60_000,
      notAfterMs: now + 86_400_000,
      spki: subject.spki,
      extensions: [
        subjectKeyIdentifier(keyIdentifier(subject.spki)),
        authorityKeyIdentifier(keyIdentifier(issuer.spki)),
        ...extensions,
      ],
    });
    return pemEncode(
      "CERTIFICATE",
      assembleSigned(tbs, "ecdsa-with-SHA256", new Uint8Array(sign("sha256", tbs, issuer.key))),
    );
  };

  it("is not believed for a name that is not the machine's", async () => {
    const home = temporaryDirectory();
    const root = newKey();
    const leaf = newKey();
    const permitted = { permittedDns: ["localhost"], permittedIps: ["127.0.0.1/32", "::1/128"] };
    const rootPem = certify(root, "Stolen", root, "Stolen", [
      basicConstraints(true),
      keyUsage(["keyCertSign", "cRLSign"]),
      nameConstraints(constraintsOf(permitted)),
    ]);
    const machine = { ...thisMachine({ PATH: process.env["PATH"], HOME: home }, false), home };
    const browsers = storesOf(machine).filter(({ kind }) => kind === "browsers");
    expect(await installIn(machine, browsers, readRoot(rootPem), "here")).toMatchObject([{ state: "trusted" }]);
    const serve = async (name: string): Promise<number> => {
      const cert = certify(root, "Stolen", leaf, name, [
        basicConstraints(false),
        keyUsage(["digitalSignature"]),
        extKeyUsage(["serverAuth"]),
        subjectAltName([{ type: "dns", value: name }]),
      ]);
      const key = leaf.key.export({ format: "pem", type: "pkcs8" });
      const server = createServer({ key, cert }, (_, answer) =>
        answer.setHeader("content-type", "text/html").end("<!doctype html><h1>believed</h1>"),
      );
      await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
      onTestFinished(() => void server.close());
      return (server.address() as AddressInfo).port;
    };
    const rules = "MAP * 127.0.0.1";
    expect(await look(home, `https://app.localhost:${await serve("app.localhost")}/`, rules)).toBe("believed");
    expect(await look(home, `https://bank.example:${await serve("bank.example")}/`, rules)).toMatch(/^net::ERR_CERT_/);
  });
});
