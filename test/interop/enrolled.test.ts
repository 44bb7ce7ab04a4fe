/** The checks that the suites of all protocols share, on what came by the API: they pass, and they can fail. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { pemEncode } from "#shared/pki/pem";
import { type Host, startHost } from "#test/e2e/host";
import { newCsr } from "#test/e2e/openssl";
import { caTbs, signed, testKey } from "#test/vectors/x509";
import { expectEnrolled, expectRevoked } from "./enrolled.ts";

let host: Host;
beforeAll(async () => {
  host = await startHost();
});
afterAll(() => host.stop());

it("a certificate passes as what it is, and as nothing else", async () => {
  const csr = await newCsr(host.directory, "one", "one.example.test");
  const issued = await host.admin.ok("POST", "/certificates", { csr });
  const api = { protocol: "api", endpoint: null };
  const enrolled = await expectEnrolled(host, issued.certificate, { ...api, names: ["dns:one.example.test"] });
  await expect(expectEnrolled(host, issued.certificate, { ...api, protocol: "acme" })).rejects.toThrow("match object");
  await expect(expectEnrolled(host, issued.certificate, { ...api, endpoint: "default" })).rejects.toThrow(
    "match object",
  );
  await expect(expectEnrolled(host, issued.certificate, { ...api, names: [] })).rejects.toThrow("deeply equal");
  await host.admin.ok("POST", `/certificates/${issued.id}/revoke`, { reason: "superseded" });
  await expectRevoked(host, enrolled, "superseded");
  await expect(expectRevoked(host, enrolled, "keyCompromise")).rejects.toThrow("to be");
  await expect(expectEnrolled(host, issued.certificate, api)).rejects.toThrow("match object");
});

it("a certificate that the inventory does not have does not pass", async () => {
  const key = testKey();
  const stranger = pemEncode("CERTIFICATE", signed(key, caTbs(key)));
  await expect(expectEnrolled(host, stranger, { protocol: "api", endpoint: null })).rejects.toThrow("inventory");
});
