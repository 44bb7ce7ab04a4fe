/** EST as its clients meet it: each fault that other servers have is a test here (behaviour §23). */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { buildCsr } from "#shared/pki/build-csr";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { Failure } from "#shared/kernel/failure";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import { tokenBuckets } from "#shared/adapters/local/limiter";
import { fromBase64 } from "#shared/kernel/bytes";
import { oid, printableString, sequence, set } from "#shared/pki/der/writer";
import { oids } from "#shared/pki/oids";
import { pemEncode } from "#shared/pki/pem";
import { approveRequest } from "#shared/usecases/approve-enrolment";
import { refuseRequest } from "#shared/usecases/enrolment-requests";
import { createProfileVersion } from "#shared/usecases/profiles";
import { profileSpec } from "#shared/contracts/api/profiles";
import { registerTenant } from "#shared/usecases/register-tenant";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { mintToken } from "#shared/usecases/tokens";
import {
  attribute,
  basic,
  body,
  certificatesIn,
  csrWith,
  endpoint,
  estServer,
  type EstServer,
  type Said,
} from "./est.ts";
import { searchFor } from "#test/canary/needles";
import { adminCall, type House, openHouse, revocationBaseUrl } from "./house.ts";

let house: House;
let est: EstServer;
beforeAll(async () => {
  house = await openHouse(["acme"]);
  est = estServer(house);
  await registerTenant(house.deps, { tenant: "other", name: "other", revocationBaseUrl });
  await endpoint(house, "devices", { default: true });
});
afterAll(() => house[Symbol.asyncDispose]());

let names = 0;
const newName = (): string => `device-${++names}.example.test`;

const tokenOf = async (tenant: string, scopes: readonly string[] = ["certs:request"]): Promise<string> =>
  `Bearer ${(await mintToken(house.deps, adminCall(tenant), { subject: "enroller", scopes, expiresAt: undefined })).token}`;

/** Enrols for a new name under a credential of its own. */
async function enrolled(label = "devices", name = newName()) {
  const csr = csrWith(name);
  const authorization = await basic(house, label);
  const said = await est(`${label}/simpleenroll`, { body: body(csr), authorization });
  const [certificate] = said.status === 200 ? certificatesIn(said.text) : [];
  if (certificate === undefined) throw new Error(`not enrolled: ${said.status} ${said.text}`);
  return { name, csr, authorization, said, certificate };
}

const inventory = async (serialHex: string) => {
  for (const { id, state } of (await house.deps.log.list("acme", "certificate", { limit: 1000 })).items)
    if (state.serial === serialHex) return { id, state };
  throw new Error(`no certificate ${serialHex}`);
};

const refused = ({ status, headers, text }: Said) => ({
  status,
  type: headers.get("content-type"),
  lines: text.split("\n").length,
});
const asText = (status: number) => ({ status, type: "text/plain; charset=utf-8", lines: 2 });

describe("cacerts", () => {
  test("are the chain up to the root, for everybody, with a label and without one", async () => {
    for (const path of ["devices/cacerts", "cacerts"]) {
      const said = await est(path);
      expect(said.status).toBe(200);
      expect(said.headers.get("content-type")).toBe("application/pkcs7-mime");
      expect(said.headers.get("content-transfer-encoding")).toBe("base64");
      expect(said.text).toMatch(/^[A-Za-z0-9+/]+=*$/);
      const [issuing, root, ...rest] = certificatesIn(said.text);
      expect(rest).toEqual([]);
      expect(issuing?.issuerDer).toEqual(root?.subjectDer);
      expect(root?.issuerDer).toEqual(root?.subjectDer);
    }
  });
});

describe("csrattrs", () => {
  test("are nothing where the profile leaves the kind of key to the client", async () => {
    expect(await est("devices/csrattrs")).toMatchObject({ status: 204, text: "" });
  });

  test.each([
    [["P-384"], sequence(sequence(oid(oids.ecPublicKey), set(oid(oids["P-384"]))))],
    [["RSA"], sequence(sequence(oid(oids.rsaEncryption), set(Uint8Array.of(2, 2, 0x0c, 0))))],
    [["Ed25519"], sequence(oid(oids.Ed25519))],
  ] as const)("name the one kind of key that the profile leaves: %s", async ([algorithm], attributes) => {
    const name = `only-${algorithm.toLowerCase()}`;
    const spec = profileSpec.parse({ allowed_key_algorithms: [algorithm], min_rsa_bits: 3072 });
    await createProfileVersion(house.deps, adminCall("acme"), name, spec);
    await endpoint(house, name, { profile: name });
    const said = await est(`${name}/csrattrs`);
    expect(said.headers.get("content-type")).toBe("application/csrattrs");
    expect(fromBase64(said.text)).toEqual(attributes);
  });
});

describe("simpleenroll", () => {
  test("gives the certificate alone, and the inventory knows how it came", async () => {
    const { certificate, said, name } = await enrolled();
    expect(said.headers.get("content-type")).toBe("application/pkcs7-mime; smime-type=certs-only");
    expect(certificatesIn(said.text)).toHaveLength(1);
    expect(certificate.sans).toEqual([{ type: "dns", value: name }]);
    const { state } = await inventory(certificate.serialHex);
    expect(state).toMatchObject({ protocol: "est", endpoint: "devices", status: "active" });
  });

  test("the secret of a credential opens once; the same request again gets the same certificate", async () => {
    const { csr, authorization, certificate } = await enrolled();
    const again = await est("devices/simpleenroll", { body: body(csr), authorization });
    expect(again.status).toBe(200);
    expect(certificatesIn(again.text)[0]?.der).toEqual(certificate.der);
    const other = await est("devices/simpleenroll", { body: body(csrWith(newName())), authorization });
    expect(refused(other)).toEqual(asText(401));
  });

  test("only the names of the credential", async () => {
    const name = newName();
    const authorization = await basic(house, "devices", { names: [name] });
    const beyond = await est("devices/simpleenroll", { body: body(csrWith(newName())), authorization });
    expect(refused(beyond)).toEqual(asText(403));
    expect(await est("devices/simpleenroll", { body: body(csrWith(name)), authorization })).toMatchObject({
      status: 200,
    });
  });

  test("what is challenged for is what is taken [W: Basic was advertised and only Bearer worked]", async () => {
    await endpoint(house, "only-token", { auth: ["token"] });
    await endpoint(house, "only-secret", { auth: ["secret"] });
    await endpoint(house, "only-open", { auth: ["open"] });
    await endpoint(house, "only-certificate", { auth: ["certificate"] });
    const ask = (label: string, authorization?: string) =>
      est(`${label}/simpleenroll`, {
        body: body(csrWith(newName())),
        ...(authorization !== undefined && { authorization }),
      });
    const challenge = async (label: string) => {
      const said = await ask(label);
      return [said.status, said.headers.get("www-authenticate")];
    };
    expect(await challenge("only-token")).toEqual([401, 'Bearer realm="est"']);
    expect(await challenge("only-secret")).toEqual([401, 'Basic realm="est", charset="UTF-8"']);
    expect(await challenge("devices")).toEqual([401, 'Basic realm="est", charset="UTF-8"']);
    expect((await ask("devices")).text).toBe(""); // a question, not a refusal
    // No HTTP scheme would help: no 401 (RFC 9110 15.5.2). An endpoint that is open is so for ACME alone.
    expect(await challenge("only-open")).toEqual([403, null]);
    expect(await challenge("only-certificate")).toEqual([403, null]);
    const [token, secret] = [await tokenOf("acme"), await basic(house, "only-secret")];
    expect((await ask("only-token", token)).status).toBe(200);
    expect((await ask("only-secret", secret)).status).toBe(200);
    expect((await ask("only-token", secret)).status).toBe(401);
    expect((await ask("only-secret", token)).status).toBe(401);
  });

  test("a token needs certs:request, and opens its own tenant's endpoints alone", async () => {
    const ask = async (authorization: string) =>
      (await est("devices/simpleenroll", { body: body(csrWith(newName())), authorization })).status;
    expect(await ask(await tokenOf("acme", ["certs:read"]))).toBe(403);
    expect(await ask(await tokenOf("other", ["*"]))).toBe(401);
    expect(await ask("Bearer trst_aaaaaaaaaaaaaaaa_nothing")).toBe(401);
    expect(await ask("Negotiate abc")).toBe(401);
    expect(await ask("Basic !!!")).toBe(401);
    expect(await ask(`Basic ${Buffer.from("nocolon").toString("base64")}`)).toBe(401);
  });

  test("who asks is part of what is asked: the same request by another client is another certificate [W]", async () => {
    const { csr, certificate } = await enrolled();
    const second = await est("devices/simpleenroll", { body: body(csr), authorization: await basic(house, "devices") });
    expect(certificatesIn(second.text)[0]?.serialHex).not.toBe(certificate.serialHex);
  });

  test("a request is base64 with whitespace anywhere, whatever it says of a transfer encoding (RFC 8951 3)", async () => {
    const ask = async (sent: string | Uint8Array, headers: Record<string, string> = {}) => {
      const authorization = await basic(house, "devices");
      return (await est("devices/simpleenroll", { body: sent, authorization, headers })).status;
    };
    const text = body(csrWith(newName()));
    expect(await ask(`\r\n ${text.replaceAll(/.{11}/g, "$&\r\n\t ")}\n`)).toBe(200);
    expect(await ask(text, { "content-transfer-encoding": "binary" })).toBe(200);
    expect(await ask(text, { "content-type": "application/pkcs10; charset=us-ascii" })).toBe(200);
    expect(await ask(pemEncode("CERTIFICATE REQUEST", csrWith(newName())))).toBe(200);
    expect(await ask(csrWith(newName()))).toBe(400);
    expect(await ask("")).toBe(400);
    expect(await ask(`${text}!`)).toBe(400);
    expect(await ask(text, { "content-type": "application/json" })).toBe(415);
    expect(await ask("A".repeat(96 * 1024 + 1))).toBe(413);
  });

  test("possession is proven: a signature by another key is refused", async () => {
    const csr = csrWith(newName());
    csr[csr.length - 1] = (csr.at(-1) ?? 0) ^ 1;
    const said = await est("devices/simpleenroll", { body: body(csr), authorization: await basic(house, "devices") });
    expect(refused(said)).toEqual(asText(400));
  });

  test("the profile decides, and says why", async () => {
    const spec = profileSpec.parse({ allowed_dns_suffixes: ["inside.test"], allowed_protocols: ["est"] });
    await createProfileVersion(house.deps, adminCall("acme"), "inside", spec);
    await endpoint(house, "inside", { profile: "inside" });
    const authorization = await basic(house, "inside", { maxUses: null });
    const said = await est("inside/simpleenroll", { body: body(csrWith("a.outside.test")), authorization });
    expect(refused(said)).toEqual(asText(403));
    expect(said.text).toContain("a.outside.test is outside inside.test");
    expect(await est("inside/simpleenroll", { body: body(csrWith("a.inside.test")), authorization })).toMatchObject({
      status: 200,
    });
  });

  test("what would change the meaning of a request is refused, not passed over", async () => {
    for (const [dotted, word] of [
      [oids.changeSubjectName, "changeSubjectName"],
      [oids.challengePassword, "challengePassword"],
    ] as const) {
      const csr = csrWith(newName(), { attributes: [attribute(dotted, printableString("x"))] });
      const said = await est("devices/simpleenroll", { body: body(csr), authorization: await basic(house, "devices") });
      expect(refused(said)).toEqual(asText(400));
      expect(said.text).toContain(word);
    }
  });
});

describe("simplereenroll", () => {
  test("renews the client's own certificate, and the inventory says so", async () => {
    const { name, certificate } = await enrolled();
    const csr = csrWith(name);
    const said = await est("devices/simplereenroll", { body: body(csr), certificate: certificate.der });
    expect(said.status).toBe(200);
    const [renewed] = certificatesIn(said.text);
    const before = await inventory(certificate.serialHex);
    expect(before.state.status).toBe("superseded");
    expect((await inventory(renewed?.serialHex ?? "")).state).toMatchObject({ replaces: before.id });
    const again = await est("devices/simplereenroll", { body: body(csr), certificate: certificate.der });
    expect(certificatesIn(again.text)[0]?.serialHex).toBe(renewed?.serialHex);
  });

  test("wants the old certificate in the connection [W: it neither asked for it nor compared]", async () => {
    const { name, authorization } = await enrolled();
    const bare = await est("devices/simplereenroll", { body: body(csrWith(name)), authorization });
    expect(refused(bare)).toEqual(asText(403));
    const byToken = await est("devices/simplereenroll", {
      body: body(csrWith(name)),
      authorization: await tokenOf("acme"),
    });
    expect(byToken.status).toBe(403);
  });

  test("for the same subject and names alone [W]", async () => {
    const { certificate, name } = await enrolled();
    const ask = async (csr: Uint8Array, operation = "simplereenroll") =>
      refused(await est(`devices/${operation}`, { body: body(csr), certificate: certificate.der }));
    expect(await ask(csrWith(newName()))).toEqual(asText(403));
    expect(await ask(csrWith(name, { subject: "somebody else" }))).toEqual(asText(403));
    // A certificate speaks for itself, whatever the operation is called.
    expect(await ask(csrWith(newName()), "simpleenroll")).toEqual(asText(403));
  });

  test("by the certificate alone: what Authorization says beside it opens nothing, and spoils nothing", async () => {
    const { certificate, name } = await enrolled();
    const authorization = await tokenOf("acme");
    const beside = { certificate: certificate.der, authorization };
    const other = await est("devices/simplereenroll", { body: body(csrWith(newName())), ...beside });
    expect(refused(other)).toEqual(asText(403));
    const wrong = { certificate: certificate.der, authorization: "Basic bm86Ym9keQ==" };
    expect(await est("devices/simplereenroll", { body: body(csrWith(name)), ...wrong })).toMatchObject({ status: 200 });
  });

  test("not for one that was revoked [W]", async () => {
    const { certificate, name } = await enrolled();
    await revokeCertificate(house.deps, adminCall("acme"), (await inventory(certificate.serialHex)).id, "unspecified");
    const said = await est("devices/simplereenroll", { body: body(csrWith(name)), certificate: certificate.der });
    expect(refused(said)).toEqual(asText(403));
  });

  test("not for one that is not of this tenant, nor known at all, nor a CA's", async () => {
    const { name } = await enrolled();
    const [issuing] = certificatesIn((await est("cacerts")).text);
    for (const certificate of [issuing?.der ?? new Uint8Array(0), Uint8Array.of(0x30, 0)]) {
      const said = await est("devices/simplereenroll", { body: body(csrWith(name)), certificate });
      expect(refused(said)).toEqual(asText(403));
    }
  });

  test("not where the endpoint takes no certificates", async () => {
    const { certificate, name } = await enrolled();
    await endpoint(house, "no-certificates", { auth: ["secret"] });
    const said = await est("no-certificates/simplereenroll", {
      body: body(csrWith(name)),
      certificate: certificate.der,
    });
    expect(refused(said)).toEqual(asText(403));
  });

  test("a wrong secret beside a good certificate does not enrol", async () => {
    const { certificate, name } = await enrolled();
    const said = await est("devices/simpleenroll", {
      body: body(csrWith(name)),
      certificate: certificate.der,
      authorization: `Basic ${Buffer.from("aaaaaaaaaaaaaaaa:wrong").toString("base64")}`,
    });
    expect(said.status).toBe(401);
  });
});

test("nothing of another tenant opens an endpoint, nor anything of another endpoint (I1)", async () => {
  await endpoint(house, "theirs", {}, "other");
  await endpoint(house, "beside");
  const theirs = await basic(house, "theirs", { tenant: "other" });
  const name = newName();
  const [leaf] = certificatesIn(
    (await est("theirs/simpleenroll", { body: body(csrWith(name)), authorization: theirs })).text,
  );
  if (leaf === undefined) throw new Error("their endpoint does not enrol");
  const csr = body(csrWith(name));
  for (const authorization of [
    await basic(house, "theirs", { tenant: "other" }),
    await basic(house, "beside"),
    await tokenOf("other", ["*"]),
  ])
    expect((await est("devices/simpleenroll", { body: csr, authorization })).status).toBe(401);
  for (const operation of ["simpleenroll", "simplereenroll"])
    expect([401, 403]).toContain((await est(`devices/${operation}`, { body: csr, certificate: leaf.der })).status);
  expect((await est("theirs/simplereenroll", { body: csr, certificate: leaf.der })).status).toBe(200);
});

test("what one endpoint gave is not turned into what another gives: the certificate must be of its profile", async () => {
  await createProfileVersion(
    house.deps,
    adminCall("acme"),
    "signing",
    profileSpec.parse({ extended_key_usages: ["codeSigning"] }),
  );
  await endpoint(house, "signing", { profile: "signing" });
  await endpoint(house, "same-profile");
  const { certificate, name } = await enrolled();
  const ask = async (label: string, operation: string) =>
    (await est(`${label}/${operation}`, { body: body(csrWith(name)), certificate: certificate.der })).status;
  expect(await ask("signing", "simplereenroll")).toBe(403);
  expect(await ask("signing", "simpleenroll")).toBe(403);
  expect(await ask("same-profile", "simplereenroll")).toBe(200);
  const signing = await enrolled("signing");
  const renewed = { body: body(csrWith(signing.name)), certificate: signing.certificate.der };
  expect((await est("signing/simplereenroll", renewed)).status).toBe(200);
  expect((await est("devices/simplereenroll", renewed)).status).toBe(403);
});

describe("approval", () => {
  const waiting = async (): Promise<string[]> =>
    (await house.deps.log.list("acme", "enrolment-request", { limit: 100 })).items
      .filter(({ state }) => state.status === "pending")
      .map(({ id }) => id);

  test("is waited for with 202 and Retry-After; the same request again brings the certificate", async () => {
    await endpoint(house, "asks", { approval: "manual" });
    const authorization = await basic(house, "asks");
    const ask = async (csr: Uint8Array) => est("asks/simpleenroll", { body: body(csr), authorization });
    const csr = csrWith(newName());
    const first = await ask(csr);
    expect(first).toMatchObject({ status: 202, text: "" });
    expect(Number(first.headers.get("retry-after"))).toBeGreaterThan(0);
    const second = await ask(csr);
    expect(second.status).toBe(202);
    const [id = "", ...rest] = await waiting();
    expect(rest).toEqual([]);
    await approveRequest(house.deps, adminCall("acme"), id);
    const third = await ask(csr);
    expect(third.status).toBe(200);
    expect(certificatesIn(third.text)).toHaveLength(1);
  });

  test("that is refused is 403 with the reason", async () => {
    const authorization = await basic(house, "asks");
    const csr = csrWith(newName());
    const ask = () => est("asks/simpleenroll", { body: body(csr), authorization });
    expect((await ask()).status).toBe(202);
    const [id = ""] = await waiting();
    await refuseRequest(house.deps, adminCall("acme"), id, "unknown device");
    const said = await ask();
    expect(refused(said)).toEqual(asText(403));
    expect(said.text).toContain("unknown device");
  });
});

describe("serverkeygen", () => {
  const parts = (said: Said) => {
    const [, boundary = ""] = /^multipart\/mixed; boundary=(\S+)$/.exec(said.headers.get("content-type") ?? "") ?? [];
    return said.text
      .split(`--${boundary}`)
      .slice(1, -1)
      .map((part) => {
        const [head = "", content = ""] = part.trimStart().split("\r\n\r\n");
        return { head: head.split("\r\n"), content };
      });
  };

  test("is not there unless the endpoint says so", async () => {
    const said = await est("devices/serverkeygen", {
      body: body(csrWith(newName())),
      authorization: await basic(house, "devices"),
    });
    expect(refused(said)).toEqual(asText(404));
  });

  test("makes a key of the kind that the request has, certifies it, and gives out both", async () => {
    await endpoint(house, "keys", { server_keys: true });
    const name = newName();
    const csr = csrWith(name);
    csr[csr.length - 1] = (csr.at(-1) ?? 0) ^ 1; // 4.4.1: the signature is not looked at
    const said = await est("keys/serverkeygen", { body: body(csr), authorization: await basic(house, "keys") });
    expect(said.status).toBe(200);
    expect(said.headers.get("cache-control")).toBe("no-store");
    const [key, certs, ...rest] = parts(said);
    expect(rest).toEqual([]);
    expect(key?.head).toEqual(["Content-Type: application/pkcs8", "Content-Transfer-Encoding: base64"]);
    expect(certs?.head[0]).toBe("Content-Type: application/pkcs7-mime; smime-type=certs-only");
    const [certificate] = certificatesIn(certs?.content ?? "");
    const pkcs8 = Buffer.from(key?.content ?? "", "base64");
    const spki = createPublicKey(createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" })).export({
      format: "der",
      type: "spki",
    });
    expect(new Uint8Array(spki)).toEqual(certificate?.spki);
    expect(certificate?.sans).toEqual([{ type: "dns", value: name }]);
    // privateKey of a P-256 PKCS#8: nowhere in what the house keeps.
    const search = searchFor([{ name: "server key", bytes: pkcs8.subarray(36, 68) }]);
    const place = dirname(house.sqlite.path);
    const files = readdirSync(place, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(3);
    for (const { parentPath, name: file } of files)
      expect(search.leaksIn(readFileSync(join(parentPath, file))), file).toEqual([]);
    expect(search.leaksIn(pkcs8)).toHaveLength(1);
  });

  test("the same request again is told that its key is gone (I6, I9)", async () => {
    const csr = csrWith(newName());
    const authorization = await basic(house, "keys");
    const ask = () => est("keys/serverkeygen", { body: body(csr), authorization });
    expect((await ask()).status).toBe(200);
    const again = await ask();
    expect(refused(again)).toEqual(asText(409));
    expect(again.text).toContain("shown once");
    // Nor is a key begun that would not go out: of this kind none is made, and that is not what it hears.
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const small = buildCsr({
      subject: [],
      names: [{ type: "dns", value: newName() }],
      spki: new Uint8Array(publicKey.export({ format: "der", type: "spki" })),
      signatureAlgorithm: "sha256WithRSAEncryption",
      sign: () => new Uint8Array(128),
    });
    const usedUp = await est("keys/serverkeygen", { body: body(small), authorization });
    expect(usedUp.status).toBe(401);
  });

  test("key bytes are wiped, whether they went out or not (I9)", async () => {
    const wiped = vi.spyOn(SecretBytes.prototype, "wipe");
    onTestFinished(() => wiped.mockRestore());
    const csr = csrWith(newName());
    const authorization = await basic(house, "keys");
    const forAnother = await basic(house, "keys", { names: [newName()] });
    for (const [asked, by, status, keys] of [
      [csr, authorization, 200, 1],
      [csr, authorization, 409, 0],
      [csrWith(newName()), authorization, 401, 0],
      [csrWith(newName()), forAnother, 403, 1],
    ] as const) {
      const before = wiped.mock.calls.length;
      expect((await est("keys/serverkeygen", { body: body(asked), authorization: by })).status).toBe(status);
      expect(wiped.mock.calls.length - before, String(status)).toBe(keys);
    }
  });

  test("a key under encryption is refused, not given out without (4.4.1)", async () => {
    for (const dotted of [oids.decryptKeyID, oids.asymmDecryptKeyID]) {
      const csr = csrWith(newName(), { attributes: [attribute(dotted, Uint8Array.of(4, 1, 1))] });
      const said = await est("keys/serverkeygen", { body: body(csr), authorization: await basic(house, "keys") });
      expect(refused(said)).toEqual(asText(400));
      expect(said.text).toContain("4.4.1");
    }
  });

  test("wants authentication, and no key waits for a person", async () => {
    expect((await est("keys/serverkeygen", { body: body(csrWith(newName())) })).status).toBe(401);
    await endpoint(house, "keys-later", { server_keys: true, approval: "manual" });
    const authorization = await basic(house, "keys-later");
    expect(refused(await est("keys-later/serverkeygen", { body: body(csrWith(newName())), authorization }))).toEqual(
      asText(403),
    );
  });
});

describe("what is served is a list", () => {
  test.each([
    "fullcmc",
    "devices/fullcmc",
    "devices/crts",
    "devices/",
    "devices/cacerts/x",
    "constructor",
    "__proto__",
  ])("%s is not on it", async (path) => {
    expect(refused(await est(path, { body: "MAA=" }))).toEqual(asText(404));
  });

  test("a label that is none, or does not serve EST, is as if it were not there", async () => {
    await endpoint(house, "not-est", { protocols: [] });
    for (const label of ["nobody", "not-est", "%64evices", "DEVICES"])
      expect(refused(await est(`${label}/cacerts`))).toEqual(asText(404));
  });

  test("each operation has its method", async () => {
    expect(await est("devices/simpleenroll")).toMatchObject({ status: 405 });
    const said = await est("devices/cacerts", { body: "MAA=" });
    expect(refused(said)).toEqual(asText(405));
    expect(said.headers.get("allow")).toBe("GET");
    expect((await est("devices/cacerts", { method: "HEAD" })).status).toBe(200);
  });

  test("another host name is not answered", async () => {
    expect(refused(await est("cacerts", { headers: { host: "evil.example" } }))).toEqual(asText(421));
  });
});

test("a full bulkhead says when to come back, in text", async () => {
  const narrow = estServer(house, { places: 1 });
  const authorization = await basic(house, "devices", { maxUses: null });
  const ask = () => narrow("devices/simpleenroll", { body: body(csrWith(newName())), authorization });
  const said = await Promise.all([ask(), ask(), ask()]);
  expect(said.map(({ status }) => String(status)).toSorted()).toEqual(["200", "503", "503"]);
  const shed = said.find(({ status }) => status === 503);
  expect(shed?.headers.get("retry-after")).toBe("1");
  expect(shed?.headers.get("content-type")).toBe("text/plain; charset=utf-8");
});

test("without the signer: come back soon, and the operator hears of it; the same request then brings its certificate", async () => {
  const down = new Failure("unavailable", "the signer does not answer");
  const reported: unknown[] = [];
  const signer = { ...house.deps.signer, sign: () => Promise.reject(down) };
  const crippled = estServer(house, { signer, report: (error) => reported.push(error) });
  const asked = { body: body(csrWith(newName())), authorization: await basic(house, "devices") };
  const said = await crippled("devices/simpleenroll", asked);
  expect(refused(said)).toEqual(asText(503));
  expect(said.headers.get("retry-after")).toBe("1");
  expect(reported).toEqual([down]);
  expect((await est("devices/simpleenroll", asked)).status).toBe(200);
});

test("a flood says when to come back, and takes nothing from the tenant's own API", async () => {
  const { clock } = house.deps;
  const limiter = tokenBuckets({ capacity: 3, refillPerSecond: 0.1, clock, maxBuckets: 10 });
  const flooded = estServer(house, { limiter });
  for (let n = 0; n < 3; n++) expect((await flooded("devices/cacerts")).status).toBe(200);
  const said = await flooded("devices/cacerts");
  expect(refused(said)).toEqual(asText(429));
  expect(said.headers.get("retry-after")).toBe("10");
  expect(limiter.take("acme").ok).toBe(true);
});

test("every answer is counted by protocol, operation and decision", async () => {
  const counted = () =>
    Object.fromEntries(
      house.deps.protocolRequests.all().map(([{ operation, decision }, count]) => [`${operation} ${decision}`, count]),
    );
  const before = counted();
  await est("devices/cacerts");
  await est("devices/simpleenroll", { body: body(csrWith(newName())) });
  await est("nothing");
  const after = counted();
  for (const name of ["cacerts allow", "simpleenroll deny", "unknown deny"])
    expect((after[name] ?? 0) - (before[name] ?? 0), name).toBe(1);
});

test("nothing here was a fault of ours", () => {
  expect(house.reported).toEqual([]);
});
