import { describe, expect, test } from "vitest";
import { wantedBy } from "./certificate-lookup.ts";

const sha256 = "ab".repeat(32);
const serial = "5f0c1a2b3c4d5e6f";

describe("a search names exactly", () => {
  test.each([
    ["an id", `abcdefghij2345672345-${serial}`, { by: "id", id: `abcdefghij2345672345-${serial}`, surely: true }],
    ["a serial number", serial, { by: "serial", serials: [serial], surely: false }],
    ["with colons", "5F:0C:1A:2B:3C:4D:5E:6F", { by: "serial", serials: [serial], surely: true }],
    ["as openssl prints one", "serial=5F0C1A2B3C4D5E6F", { by: "serial", serials: [serial], surely: true }],
    ["with 0x", `0x${serial}`, { by: "serial", serials: [serial], surely: true }],
    ["with the octet that keeps it positive", "00:AF:01", { by: "serial", serials: ["af01"], surely: true }],
    ["of digits, which may be hex or decimal", "1311", { by: "serial", serials: ["1311", "051f"], surely: false }],
    [
      "decimal, longer than hex can be",
      "730750818665451459101842416358141509827966271487",
      {
        by: "serial",
        serials: [`7f${"ff".repeat(19)}`],
        surely: false,
      },
    ],
  ])("%s: %s", (_, text, wanted) => {
    expect(wantedBy(text)).toMatchObject(wanted);
  });

  test.each([sha256, `sha256 Fingerprint=${"AB:".repeat(31)}AB`, `${"ab ".repeat(31)}ab`])(
    "a fingerprint is told from a name that nobody has: %s",
    (text) => {
      expect(() => wantedBy(text)).toThrow(/fingerprint.*serial number/);
    },
  );

  test.each([
    "app.example.test",
    "cafe.example",
    "2001:db8::1",
    "00",
    "web-01",
    "ab:cd:e",
    `${sha256}00`,
    "spiffe://a",
  ])("nothing: %s", (text) => {
    expect(wantedBy(text)).toBeUndefined();
  });
});
