/**
 * The CA of the host's TLS certificate. People put its root into the trust stores of their browsers, so root and CA
 * certify the names of this host and no other, by critical name constraints and by the signer's guard.
 */
import { isIP } from "node:net";
import { hmacSha256 } from "#shared/crypto/hmac";
import { systemTenant } from "#shared/domain/tenant/tenant";
import { hex, utf8 } from "#shared/kernel/bytes";
import { canonicalName } from "#shared/pki/general-name";
import { narrower, type PermittedNames } from "#shared/pki/name-constraint";
import { allIssuers } from "#shared/usecases/all-issuers";
import { createIssuingCa, createRoot } from "#shared/usecases/create-issuer";
import { type Deps, systemCall } from "#shared/usecases/deps";
import { oldestIssuer } from "#shared/usecases/issue-certificate";
import { issuerMaterial } from "#shared/usecases/issuer-material";
import { existing, type Present } from "#shared/usecases/load";
import { retireIssuer } from "#shared/usecases/retire-issuer";

type HostDeps = Deps & { fingerprintKey(tenant: string): Uint8Array };

/** Whatever the host is called, it is reached by these from its own machine. */
const loopbackNames = ["localhost", "trstctl.localhost", "127.0.0.1", "::1"];
const year = 365 * 86_400;

/**
 * Makes the CA where there is none that is held to names which these are among; the one before is retired. Every step may
 * be tried again.
 * @param hostnames DNS names and addresses that the host answers to
 * @returns the id of the issuing CA
 */
export async function provisionHostCa(deps: HostDeps, hostnames: readonly string[], httpPort: number): Promise<string> {
  const wanted = permittedNames([...new Set([...hostnames, ...loopbackNames])]);
  const before = await oldestIssuer(deps, systemTenant);
  if (before !== undefined && (await isHeldTo(deps, before, wanted))) return before.id;
  // Whoever has roots of several hosts in one store tells them apart by it. One that was retired never comes back.
  const made = JSON.stringify([wanted, await countSpent(deps)]);
  const label = hex(hmacSha256(deps.fingerprintKey(systemTenant), utf8(made))).slice(0, 8);
  const call = (what: string) => systemCall(systemTenant, "provisioning", `host-${what}-${label}`);
  const ca = {
    keyAlgorithm: "P-256",
    keyBackend: "sealed", // it certifies this host alone, each week
    revocationBaseUrl: `http://127.0.0.1:${httpPort}`,
    ...wanted,
  } as const;
  const root = await createRoot(
    deps,
    call("root"),
    { ...ca, name: `trstctl host Root ${label}`, validitySeconds: 10 * year },
    `root-${label}`,
  );
  const issuing = await createIssuingCa(
    deps,
    call("issuer"),
    { ...ca, name: `trstctl host Issuing CA ${label}`, validitySeconds: 5 * year },
    await existing(deps, systemTenant, "issuer", root),
  );
  for await (const { id, state } of allIssuers(deps, systemTenant))
    if (id !== issuing && state.role === "issuing" && state.status === "active")
      await retireIssuer(deps, systemCall(systemTenant, "provisioning", `host-retire-${id}`), id);
  if (before !== undefined) {
    const certifies = [...wanted.permittedDns, ...wanted.permittedIps.map((range) => range.replace(/\/\d+$/, ""))];
    process.stderr.write(
      `trstctl: this host has a new TLS root, which can certify ${certifies.join(", ")} and nothing else; ` +
        "clients that pin the one before need it: trstctl tls-root\n",
    );
  }
  return issuing;
}

async function countSpent(deps: HostDeps): Promise<number> {
  let count = 0;
  for await (const { state } of allIssuers(deps, systemTenant))
    if (state.role === "issuing" && (state.status === "retired" || Date.parse(state.not_after) <= deps.clock.now()))
      count++;
  return count;
}

function permittedNames(names: readonly string[]) {
  const canonical = names.map((name) => canonicalName(isIP(name) === 0 ? "dns" : "ip", name, "TRSTCTL_HOSTNAMES"));
  return {
    permittedDns: canonical.filter(({ type }) => type === "dns").map(({ value }) => value),
    permittedIps: canonical
      .filter(({ type }) => type === "ip")
      .map(({ value }) => `${value}/${isIP(value) === 4 ? 32 : 128}`),
  };
}

/** By what was certified and recorded: so it was not with the first release. */
async function isHeldTo(deps: HostDeps, issuing: Present<"issuer">, wanted: PermittedNames): Promise<boolean> {
  const { parent } = issuing.state;
  if (parent === null) return false;
  const root = await existing(deps, systemTenant, "issuer", parent);
  return [root, issuing].every(({ id, state }) => {
    const { permitted = [], excluded = [] } = issuerMaterial(id, state).certificate.nameConstraints ?? {};
    // Constraints on addresses are those of a root that strongSwan does not read.
    const dns = [...permitted, ...excluded].every(({ type }) => type === "dns") && permitted.length > 0;
    return dns && narrower(wanted, { permittedDns: state.permitted_dns, permittedIps: state.permitted_ips });
  });
}
