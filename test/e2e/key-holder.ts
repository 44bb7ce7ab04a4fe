/** An issuer whose key lies elsewhere than in the sealed store, on a started host, seen by openssl. */
import { expect } from "vitest";
import type { Host } from "./host.ts";
import { type Bundle, bundleFiles, newCsr, ocspStatus, verifyChain } from "./openssl.ts";

export interface HeldIssuer {
  readonly id: string;
  readonly bundle: Bundle;
  readonly certificate: string;
}

/** Made over the API; a leaf of it verifies up to the root and is good by OCSP. */
export async function useIssuer(host: Host, backend: string, algorithm: string): Promise<HeldIssuer> {
  const issuer = await host.admin.ok("POST", "/issuers", {
    name: `${algorithm} in ${backend}`,
    key_algorithm: algorithm,
    key_backend: backend,
  });
  expect(issuer).toMatchObject({ key_backend: backend, key_algorithm: algorithm });
  const { bundle, id } = await issueFrom(host, issuer.id as string);
  return { id: issuer.id as string, bundle, certificate: id };
}

let files = 0;

export async function issueFrom(host: Host, issuer: string): Promise<{ readonly bundle: Bundle; readonly id: string }> {
  const file = `held-${++files}`;
  const csr = await newCsr(host.directory, file, `${file}.example.test`);
  const leaf = await host.admin.ok("POST", "/certificates", { csr, issuer_id: issuer });
  const root = await host.admin.ok("GET", "/issuers/root");
  const bundle = bundleFiles(host.directory, file, [leaf.certificate, ...leaf.chain].join(""), root.certificate);
  expect((await verifyChain(bundle)).code).toBe(0);
  await expect(ocspStatus(bundle)).resolves.toBe("good");
  return { bundle, id: leaf.id as string };
}

/** What it signs after that, too: it is on the CRL and OCSP says so. */
export async function revokeFrom(host: Host, { bundle, certificate }: HeldIssuer): Promise<void> {
  await host.admin.ok("POST", `/certificates/${certificate}/revoke`, { reason: "keyCompromise" });
  await expect(ocspStatus(bundle)).resolves.toBe("revoked keyCompromise");
}
