/** What no schema would let in, as a fault in it or an old version might leave it in the log: nothing of it is signed. */
import { beforeAll, describe, expect, it } from "vitest";
import { type ProfileSpec, profileSpec } from "#shared/contracts/api/profiles";
import { profileVersionId } from "#shared/domain/profile/profile";
import { Failure } from "#shared/kernel/failure";
import { certIdFor } from "#shared/pki/ocsp";
import { sequence } from "#shared/pki/der/writer";
import { createOcspResponder } from "#shared/usecases/answer-ocsp";
import { change } from "#shared/usecases/commit";
import { systemCall } from "#shared/usecases/deps";
import { createIssuingCa } from "#shared/usecases/create-issuer";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { issuerMaterial } from "#shared/usecases/issuer-material";
import { createProfileVersion } from "#shared/usecases/profiles";
import { publishCrl } from "#shared/usecases/publish-crl";
import { rotateOcspResponder } from "#shared/usecases/rotate-ocsp-responder";
import { adminCall, type House, newCsr, openHouse, revocationBaseUrl } from "./house.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse(["acme"]);
  return () => house[Symbol.asyncDispose]();
});

/** Straight into the log, past every check. */
async function plant(name: string, spec: object): Promise<void> {
  const { deps } = house;
  const planted = { ...profileSpec.parse({}), ...spec } as ProfileSpec;
  await change(deps, systemCall("acme", "provisioning", name), async () => ({
    stream: await deps.log.load("acme", "profile", name),
    touches: [await deps.log.load("acme", "profile-version", profileVersionId(name, 1))],
    event: { type: "profile.version-created", data: { name, version: 1, spec: planted } },
  }));
}

const signatures = async (): Promise<number> =>
  (await house.deps.signer.journal("acme", 0, 1000)).filter(({ op }) => op !== "generate").length;

async function refused(work: () => Promise<unknown>): Promise<Failure> {
  const before = await signatures();
  const error: unknown = await work().then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(await signatures(), "nothing is signed").toBe(before);
  if (!(error instanceof Failure)) throw new Error("it was not refused", { cause: error });
  return error;
}

const server = {
  extended_key_usages: ["serverAuth"],
  conforms_to: "cabf-tls",
  certificate_policies: ["2.23.140.1.2.1"],
};
const dayLong = 86_400;

describe("a deliberately broken profile signs nothing, and the refusal names the rule and its clause", () => {
  it.each<[string, object, string, string]>([
    ["every purpose", { extended_key_usages: ["anyExtendedKeyUsage"] }, "extended-key-usage", "RFC 5280 4.2.1.12"],
    ["a responder's purpose", { extended_key_usages: ["OCSPSigning"] }, "extended-key-usage", "RFC 5280 4.2.1.12"],
    ["a purpose twice", { extended_key_usages: ["serverAuth", "serverAuth"] }, "extended-key-usage-unique", "RFC 5280"],
    ["a policy twice", { certificate_policies: ["1.2.3", "1.2.3"] }, "certificate-policies", "RFC 5280 4.2.1.4"],
    [
      "no policy for public TLS",
      { ...server, certificate_policies: [] },
      "tls-certificate-policies",
      "CA/B BR 7.1.2.7.9",
    ],
    ["loopback for public TLS", server, "tls-authority-info-access", "CA/B BR 7.1.2.7.7"],
    [
      "201 days for public TLS",
      { ...server, default_validity_seconds: 201 * dayLong, max_validity_seconds: 201 * dayLong },
      "tls-validity",
      "CA/B BR 6.3.2",
    ],
    [
      "a mail purpose for public TLS",
      { ...server, extended_key_usages: ["serverAuth", "emailProtection"] },
      "tls-extended-key-usage",
      "CA/B BR 7.1.2.7.10",
    ],
  ])("%s", async (name, spec, rule, clause) => {
    const profile = name.replaceAll(" ", "-");
    await plant(profile, spec);
    const csr = newCsr("a.example.com");
    const error = await refused(() =>
      issueCertificate(house.deps, adminCall("acme"), { csr, protocol: "api", profile }),
    );
    expect(error).toMatchObject({ code: "unprocessable", field: "csr" });
    expect(error.extensions?.["lints"]).toContain(rule);
    expect(error.message).toContain(`under profile ${profile}@1 would break its rules: `);
    expect(error.message).toContain(`${rule} (${clause}`);
  });
});

describe("the profile linter", () => {
  const create = (spec: object) =>
    createProfileVersion(house.deps, adminCall("acme"), "linted", profileSpec.parse(spec));

  it("refuses what no certificate could keep, naming rule and clause", async () => {
    const error = await refused(() => create({ ...server, certificate_policies: [] }));
    expect(error.code).toBe("unprocessable");
    const problems = error.extensions?.["problems"] as string[];
    expect(problems).toContainEqual(expect.stringMatching(/^spec\.certificate_policies: tls-certificate-policies \(/));
    expect(problems[0]?.startsWith(`${error.field}: `)).toBe(true);
    expect(error.message).toContain("every certificate under this profile would break its rules: ");
    expect(error.message).toContain("tls-certificate-policies (CA/B BR 7.1.2.7.9)");
    const internal = await refused(() => create({ ...server, allowed_dns_suffixes: ["corp.internal"] }));
    expect(internal.extensions?.["problems"]).toContainEqual(expect.stringMatching(/^spec\.allowed_dns_suffixes: /));
    expect(internal.message).toContain("dns:host.corp.internal is in a reserved domain");
  });

  it("accepts what some key could keep, and every kind of name", async () => {
    await using elsewhere = await openHouse(["acme"], "http://pki.example.com");
    const accepted = (spec: object) =>
      createProfileVersion(elsewhere.deps, adminCall("acme"), "linted", profileSpec.parse(spec));
    await accepted(server);
    await expect(accepted({ ...server, allowed_key_algorithms: ["Ed25519"] })).rejects.toThrow(/tls-key-algorithm/);
    for (const list of [
      { allowed_dns_suffixes: [".example.com"] },
      { allowed_ip_cidrs: ["10.0.0.0/8"] },
      { allowed_email_domains: ["example.com"] },
      { allowed_uri_prefixes: ["spiffe://example.com/"] },
    ])
      await accepted(list);
  });
});

describe("what else is broken is not signed either", () => {
  const year = 365 * dayLong * 1000;
  const issuing = async () => {
    const { items } = await house.deps.log.list("acme", "issuer", { limit: 10 });
    const found = items.find(({ state }) => state.role === "issuing");
    if (found === undefined) throw new Error("no issuing CA");
    return found;
  };

  it("a CA certificate", async () => {
    const command = {
      name: "Broken CA ",
      keyAlgorithm: "P-256",
      validitySeconds: year / 1000,
      permittedDns: [],
      revocationBaseUrl,
    } as const;
    const error = await refused(() => createIssuingCa(house.deps, adminCall("acme"), command));
    expect(error.message).toContain("name-attribute-length (RFC 5280 A.1)");
  });

  it("a CRL", async () => {
    const { id } = await issuing();
    const { log } = house.deps;
    const planted: typeof log = {
      ...log,
      list: async (tenant, kind, page) => {
        const found = await log.list(tenant, kind, page);
        if (kind !== "revocation") return found;
        const state = { revoked_at: "2026-11-23T11:00:00.000Z", reason: "superseded" };
        return { ...found, items: [{ id: `${page.partition}/00`, rev: 1, state }] as never };
      },
    };
    const error = await refused(() => publishCrl({ ...house.deps, log: planted }, adminCall("acme"), id, 0));
    expect(error.message).toContain("crl-entry-serials (RFC 5280 4.1.2.2");
  });

  it("an OCSP response", async () => {
    const { id, state } = await issuing();
    const { certificate } = issuerMaterial(id, state);
    const certId = certIdFor(certificate.subjectDer, certificate.spki, "0102", "sha1");
    const question = sequence(sequence(sequence(sequence(certId.der))));
    const { log } = house.deps;
    const planted: typeof log = {
      ...log,
      load: async (tenant, kind, key) => {
        const found = await log.load(tenant, kind, key);
        if (kind !== "ocsp-responder") return found;
        return { ...found, state: { ...found.state, signature_algorithm: "Ed25519" } as never };
      },
    };
    const error = await refused(() => createOcspResponder({ ...house.deps, log: planted }).answer(id, question));
    expect(error.message).toContain("ocsp-signature-algorithm (RFC 6960 4.2.1)");
  });

  it("a responder's certificate", async () => {
    const { id } = await issuing();
    house.advance(6 * year);
    try {
      const error = await refused(() => rotateOcspResponder(house.deps, adminCall("acme"), id));
      expect(error.message).toContain("validity-order (RFC 5280 4.1.2.5)");
    } finally {
      house.advance(-6 * year);
    }
  });
});
