import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ContentInfo, SignedData } from "pkijs";
import { pemDecode, pemEncode } from "#shared/pki/pem";
import { succeed } from "#test/run";
import { certsOnly } from "./certs-only.ts";

const directory = (): string => {
  const made = mkdtempSync(join(tmpdir(), "certs-only-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
};

/** Certificates that openssl made, DER. */
async function someCertificates(at: string, count: number): Promise<Uint8Array[]> {
  const made: Uint8Array[] = [];
  for (let n = 0; n < count; n++) {
    const file = join(at, `${n}.der`);
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", join(at, "key.pem")];
    // Falling lengths: a sorted set would stand in another order.
    const subject = ["-subj", `/CN=${"x".repeat(40 - n)}`];
    await succeed("openssl", ["req", "-x509", ...key, ...subject, "-outform", "DER", "-out", file]);
    made.push(new Uint8Array(readFileSync(file)));
  }
  return made;
}

test("openssl pkcs7 reads back the same certificates in the same order", async () => {
  const at = directory();
  const certificates = await someCertificates(at, 3);
  writeFileSync(join(at, "bag.p7"), certsOnly(certificates));
  const printed = await succeed("openssl", ["pkcs7", "-inform", "DER", "-in", join(at, "bag.p7"), "-print_certs"]);
  expect(pemDecode(printed, "CERTIFICATE")).toEqual(certificates);
});

test("what openssl crl2pkcs7 makes of one certificate is the same bytes", async () => {
  const at = directory();
  const [certificate = new Uint8Array(0)] = await someCertificates(at, 1);
  writeFileSync(join(at, "one.pem"), pemEncode("CERTIFICATE", certificate));
  const words = [
    "crl2pkcs7",
    "-nocrl",
    "-certfile",
    join(at, "one.pem"),
    "-outform",
    "DER",
    "-out",
    join(at, "one.p7"),
  ];
  await succeed("openssl", words);
  expect(certsOnly([certificate])).toEqual(new Uint8Array(readFileSync(join(at, "one.p7"))));
});

test("nothing in it is nothing in it: no empty sets of certificates or CRLs", () => {
  const bag = new SignedData({ schema: ContentInfo.fromBER(certsOnly([]) as Uint8Array<ArrayBuffer>).content });
  expect(bag.certificates).toBeUndefined();
  expect(bag.crls).toBeUndefined();
  expect(bag.version).toBe(1);
});
