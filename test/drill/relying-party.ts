/** What somebody who was given a certificate can find out about it, with openssl. */
import { writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { apiGet } from "../bench/api.ts";
import type { RunningHost } from "../bench/host.ts";
import { run } from "./command-line.ts";
import type { Certificate } from "./load.ts";

async function openssl(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await run("openssl", words, process.env);
  if (code !== 0) throw new Error(`openssl ${words.join(" ")}: ${stdout}${stderr}`);
  return stdout + stderr;
}

const download = (url: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    get(url, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () =>
        answer.statusCode === 200 ? resolve(Buffer.concat(parts)) : reject(new Error(`${url}: ${answer.statusCode}`)),
      );
    }).on("error", reject);
  });

export interface Standing {
  /** By OCSP, its response verified up to the root: good, revoked, unknown. */
  readonly ocsp: string;
  readonly crlNumber: bigint;
  readonly onCrl: boolean;
}

/** Over the revocation listener as it is now. @throws Error when the chain or an answer does not verify */
export async function standingOf(host: RunningHost, folder: string, certificate: Certificate): Promise<Standing> {
  const file = (name: string): string => join(folder, `${certificate.serial}.${name}`);
  const [issuer = ""] = certificate.chain;
  const { certificate: root } = await apiGet<{ certificate: string }>(host, "/issuers/root");
  for (const [name, pem] of [
    ["leaf", certificate.certificate],
    ["issuer", issuer],
    ["root", root],
  ] as const)
    writeFileSync(file(name), pem);
  const [leaf, ca, top] = [file("leaf"), file("issuer"), file("root")];
  await openssl("verify", "-x509_strict", "-CAfile", top, "-untrusted", ca, leaf);
  const here = (url: string): string => host.revocationUrl + new URL(url).pathname;
  const ocspUrl = here((await openssl("x509", "-in", leaf, "-noout", "-ocsp_uri")).trim());
  const asked = await openssl(
    ...`ocsp -issuer ${ca} -cert ${leaf} -CAfile ${top} -verify_other ${ca} -nonce -url ${ocspUrl}`.split(" "),
  );
  if (!asked.includes("Response verify OK")) throw new Error(asked);
  const text = await openssl("x509", "-in", leaf, "-noout", "-ext", "crlDistributionPoints");
  writeFileSync(file("crl"), await download(here(/URI:(\S+)/.exec(text)?.[1] ?? "")));
  await openssl("crl", "-inform", "DER", "-in", file("crl"), "-CAfile", ca, "-noout");
  const crl = (await openssl("crl", "-inform", "DER", "-in", file("crl"), "-noout", "-text")).toLowerCase();
  return {
    ocsp: new RegExp(`${leaf}: (\\w+)`).exec(asked)?.[1] ?? "none",
    crlNumber: BigInt(/crl number: *\s+(0x[0-9a-f]+|\d+)/.exec(crl)?.[1] ?? "-1"),
    onCrl: crl.includes(certificate.serial),
  };
}
