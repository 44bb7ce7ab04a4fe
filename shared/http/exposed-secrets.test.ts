import { describe, expect, it } from "vitest";
import { Failure } from "#shared/kernel/failure";
import { refuseExposedSecrets } from "./exposed-secrets.ts";

const key = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIExample\n-----END EC PRIVATE KEY-----\n";
const token = `trst_${"a".repeat(16)}_${"B".repeat(43)}`;

function refusal(value: unknown): Failure {
  try {
    refuseExposedSecrets(value);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new TypeError("not refused");
}

describe("secrets that were pasted into a request", () => {
  it.each([
    ["name", { name: key }],
    ["attributes.a.1", { attributes: { a: ["x", `see ${key}`] } }],
    ["reason", { kind: "a", reason: `${token}\n` }],
    ["", { [key]: 1 }],
    ["attributes", { attributes: { [token]: null } }],
  ])("are refused at %j, and nothing of them is repeated", (field, value) => {
    const { code, message, field: named } = refusal(value);
    expect(code).toBe("invalid_field");
    expect(named).toBe(field);
    expect(message).toMatch(/holds (a private key|an API token): nothing was stored; treat it as exposed/);
    expect(message).not.toContain("MHc");
    expect(message).not.toContain("BBBB");
  });

  it.each([
    ["-----BEGIN ENCRYPTED PRIVATE KEY-----"],
    ["-----BEGIN OPENSSH PRIVATE KEY-----"],
    ["-----BEGIN PRIVATE KEY-----"],
    ["-----BEGIN RSA PRIVATE KEY-----"],
  ])("%s is one", (text) => {
    expect(refusal({ text }).code).toBe("invalid_field");
  });

  it("are not seen in what is public, short, or no text", () => {
    const fine = {
      csr: "-----BEGIN CERTIFICATE REQUEST-----\nMII\n",
      certificate: "-----BEGIN CERTIFICATE-----",
      key: "-----BEGIN PUBLIC KEY-----",
      note: "the PRIVATE KEY is in the safe; trst_ tokens are 65 characters",
      more: [1, null, true, {}],
    };
    expect(() => refuseExposedSecrets(fine)).not.toThrow();
  });
});
