/** Stock openssl: the client that we did not write. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Finished, run } from "./host.ts";

type Words = readonly (string | readonly string[])[];

/** @throws Error with what openssl said when it fails */
export async function openssl(...words: Words): Promise<string> {
  const { code, stdout, stderr } = await openssl.attempt(...words);
  if (code !== 0) throw new Error(`openssl ${words.flat().join(" ")}: ${code}\n${stdout}${stderr}`);
  return stdout + stderr;
}
openssl.attempt = (...words: Words): Promise<Finished> => run("openssl", words.flat());

export const keyArguments = {
  "P-256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
  "P-384": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
  "RSA-2048": ["-newkey", "rsa:2048"],
  Ed25519: ["-newkey", "ed25519"],
} as const;
type KeyName = keyof typeof keyArguments;
export const keyNames = Object.keys(keyArguments) as KeyName[];

/** A certificate request for `name` by a new key; the files are `<directory>/<file>.key` and `.csr`. @returns the PEM */
export async function newCsr(directory: string, file: string, name: string, key: KeyName = "P-256"): Promise<string> {
  const [keyFile, csrFile] = [join(directory, `${file}.key`), join(directory, `${file}.csr`)];
  await openssl(
    ["req", "-new", ...keyArguments[key], "-nodes", "-keyout", keyFile],
    ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`, "-out", csrFile],
  );
  return readFileSync(csrFile, "utf8");
}

/** Where relying parties look a certificate up, as the certificate itself says. */
export async function urlsIn(certificateFile: string) {
  const ocsp = (await openssl("x509", "-in", certificateFile, "-noout", "-ocsp_uri")).trim();
  const extensions = await openssl(
    "x509",
    "-in",
    certificateFile,
    "-noout",
    "-ext",
    "authorityInfoAccess,crlDistributionPoints",
  );
  const [, caIssuers = ""] = /CA Issuers - URI:(\S+)/.exec(extensions) ?? [];
  const [, crl = ""] = /Full Name:\s+URI:(\S+)/.exec(extensions) ?? [];
  return { ocsp, caIssuers, crl };
}

const pemBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g;

/** A leaf with its chain in files, as openssl wants them. */
export interface Bundle {
  readonly leaf: string;
  readonly issuer: string;
  readonly root: string;
}

/** @param pem leaf, then issuing CA */
export function bundleFiles(directory: string, file: string, pem: string, rootPem: string): Bundle {
  const [leaf = "", issuer = ""] = pem.match(pemBlock) ?? [];
  const bundle = {
    leaf: join(directory, `${file}.leaf.pem`),
    issuer: join(directory, `${file}.issuer.pem`),
    root: join(directory, `${file}.root.pem`),
  };
  writeFileSync(bundle.leaf, leaf);
  writeFileSync(bundle.issuer, issuer);
  writeFileSync(bundle.root, rootPem);
  return bundle;
}

export const verifyChain = ({ leaf, issuer, root }: Bundle, ...more: string[]): Promise<Finished> =>
  openssl.attempt("verify", "-x509_strict", "-CAfile", root, "-untrusted", issuer, ...more, leaf);

/** `openssl ocsp` over the URL in the certificate, the response verified up to the root. @returns good, revoked … */
export async function ocspStatus(bundle: Bundle, nonce = "-nonce", digest = "-sha1"): Promise<string> {
  const { ocsp } = await urlsIn(bundle.leaf);
  return statusIn(bundle, await openssl(...ocspArguments(bundle, digest), "-url", ocsp, nonce));
}

/** @param digest of the CertID; openssl wants it first */
export const ocspArguments = ({ leaf, issuer, root }: Bundle, digest = "-sha1"): string[] =>
  `ocsp ${digest} -issuer ${issuer} -cert ${leaf} -CAfile ${root} -verify_other ${issuer}`.split(" ");

export function statusIn({ leaf }: Bundle, output: string): string {
  if (!output.includes("Response verify OK")) throw new Error(`the OCSP response does not verify:\n${output}`);
  if (output.includes("WARNING: no nonce")) throw new Error(`the nonce did not come back:\n${output}`);
  const status = output
    .split("\n")
    .find((line) => line.startsWith(`${leaf}: `))
    ?.slice(leaf.length + 2);
  if (status === undefined) throw new Error(`no status in:\n${output}`);
  const reason = /Reason: (\S+)/.exec(output)?.[1];
  return reason === undefined ? status : `${status} ${reason}`;
}
