/** The host's TLS certificate, from its own issuing CA: a new key on every start, kept in memory, renewed at half its life. */
import { newId } from "#shared/crypto/random";
import { generateLeafKey } from "#shared/crypto/leaf-key";
import { isIP } from "node:net";
import { buildCsr } from "#shared/pki/build-csr";
import { canonicalName } from "#shared/pki/general-name";
import { commonName } from "#shared/pki/name";
import { pemEncode } from "#shared/pki/pem";
import { fromBase64 } from "#shared/kernel/bytes";
import { systemCall } from "#shared/usecases/deps";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { tlsRoot } from "#shared/usecases/tls-root";
import type { EarlyDeps } from "./compose.ts";
import { hostTlsProfile, tlsValiditySeconds } from "./provision.ts";
import { report } from "./report.ts";

export interface TlsContext {
  /** PEM: leaf, issuing CA, root. The root tells nobody whom to trust; it lets a client show a person whom it would. */
  readonly cert: string;
  /** PEM, PKCS#8. */
  readonly key: string;
}

const checkEveryMs = 60_000;

/** @param issuer id of the CA in that tenant */
export async function startServerCertificate(
  deps: EarlyDeps,
  tenant: string,
  issuer: string,
  hostnames: readonly string[],
) {
  const issue = (): Promise<TlsContext> => issueTls(deps, tenant, issuer, hostnames);
  let current = await issue();
  let made = deps.clock.now();
  let renewed: (context: TlsContext) => void = () => undefined;
  const renew = async (): Promise<void> => {
    const age = deps.clock.now() - made;
    // Below zero: the clock was set back, and the certificate lies in the future.
    if (age >= 0 && age < (tlsValiditySeconds / 2) * 1000) return;
    current = await issue();
    made = deps.clock.now();
    renewed(current);
  };
  // A renewal that fails is tried again with the next check, long before the certificate runs out.
  const check = (): void => void renew().catch((error: unknown) => report(error, { function: "server-certificate" }));
  const timer = setInterval(check, checkEveryMs);
  return {
    current: () => current,
    onRenewed(use: (context: TlsContext) => void): void {
      renewed = use;
    },
    stop: () => clearInterval(timer),
  };
}

async function issueTls(
  deps: EarlyDeps,
  tenant: string,
  issuerId: string,
  hostnames: readonly string[],
): Promise<TlsContext> {
  const names = hostnames.map((host) => canonicalName(isIP(host) === 0 ? "dns" : "ip", host, "TRSTCTL_HOSTNAMES"));
  const key = generateLeafKey();
  const csr = buildCsr({
    subject: commonName(hostnames[0] ?? "localhost"),
    names,
    spki: key.spki,
    signatureAlgorithm: "ecdsa-with-SHA256",
    sign: key.sign,
  });
  const call = systemCall(tenant, "host", newId(deps.clock.now()), ["certs:issue"]);
  const { der, issuer } = await issueCertificate(deps, call, {
    csr,
    protocol: "api",
    profile: hostTlsProfile,
    issuer: issuerId,
  });
  const { state: root } = await tlsRoot(deps, tenant);
  const chain = [der, fromBase64(issuer.state.certificate), fromBase64(root.certificate)];
  const cert = chain.map((certificate) => pemEncode("CERTIFICATE", certificate)).join("");
  const context = { cert, key: pemEncode("PRIVATE KEY", key.pkcs8.reveal()) };
  key.pkcs8.wipe();
  return context;
}
