/** What a first start makes. Every step may be tried again, so a crash half-way is mended by the next start. */
import { existsSync, lstatSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { profileSpec } from "#shared/contracts/api/profiles";
import { anyPermission } from "#shared/contracts/permissions";
import { newId } from "#shared/crypto/random";
import { profileVersionId } from "#shared/domain/profile/profile";
import { enrolmentAuths } from "#shared/domain/enrolment-endpoint/enrolment-endpoint";
import { systemTenant } from "#shared/domain/tenant/tenant";
import { isFailure } from "#shared/kernel/failure";
import { fromBase64 } from "#shared/kernel/bytes";
import { pemEncode } from "#shared/pki/pem";
import { change } from "#shared/usecases/commit";
import { systemCall } from "#shared/usecases/deps";
import { createEndpoint } from "#shared/usecases/enrolment-endpoints";
import { registerTenant } from "#shared/usecases/register-tenant";
import { tlsRoot } from "#shared/usecases/tls-root";
import { authenticateToken, mintToken } from "#shared/usecases/tokens";
import type { EarlyDeps } from "./compose.ts";
import type { Places } from "./places.ts";

export const hostTlsProfile = "host-tls";
export const tlsValiditySeconds = 7 * 86_400;
const evaluationTenant = "default";
/** Who works on an evaluation host: its CLI, and who follows the link that the start prints. */
export const evaluation = { tenant: evaluationTenant, subject: "local-admin", scopes: [anyPermission] } as const;

/** The product's own tenant; its CAs are made apart (`host-ca.ts`). */
export async function provisionHost(deps: EarlyDeps): Promise<void> {
  if ((await deps.log.load(systemTenant, "profile", hostTlsProfile)).state !== undefined) return;
  await registerTenant(deps, { tenant: systemTenant, name: "trstctl host", revocationBaseUrl: undefined });
  const spec = profileSpec.parse({
    extended_key_usages: ["serverAuth"],
    default_validity_seconds: tlsValiditySeconds,
    max_validity_seconds: tlsValiditySeconds,
    include_ocsp: false,
    include_crl: false,
  });
  await change(deps, systemCall(systemTenant, "provisioning", hostTlsProfile), async () => ({
    stream: await deps.log.load(systemTenant, "profile", hostTlsProfile),
    touches: [await deps.log.load(systemTenant, "profile-version", profileVersionId(hostTlsProfile, 1))],
    event: { type: "profile.version-created", data: { name: hostTlsProfile, version: 1, spec } },
  }));
}

/** @returns the tenant that an evaluation works in */
export async function provisionEvaluation(deps: EarlyDeps): Promise<string> {
  const { state } = await deps.log.load(evaluationTenant, "profile", "default");
  if (state === undefined)
    await registerTenant(deps, {
      tenant: evaluationTenant,
      name: "Evaluation",
      revocationBaseUrl: deps.revocationBaseUrl,
    });
  await provisionEndpoint(deps);
  return evaluationTenant;
}

const defaultEndpoint = "default";

/** One that serves everything, on the paths without a label too. Changed or disabled by its operator, it stays so. */
async function provisionEndpoint(deps: EarlyDeps): Promise<void> {
  if (deps.protocols.length === 0) return;
  if ((await deps.log.load(evaluationTenant, "enrolment-endpoint", defaultEndpoint)).state !== undefined) return;
  const call = systemCall(evaluationTenant, "provisioning", "default-endpoint", ["certs:issue"]);
  await createEndpoint(deps, call, defaultEndpoint, {
    protocols: deps.protocols,
    issuer: null,
    profile: "default",
    owner: null,
    auth: enrolmentAuths,
    approval: "automatic",
    validate_names: true,
    server_keys: true,
    legacy_algorithms: false,
    private_networks: true, // those that TRSTCTL_EGRESS_CIDRS lists: none by default
    default: true,
  }).catch((error: unknown) => {
    // Another tenant of this host came first: what it has is not taken away.
    if (!isFailure(error, "conflict")) throw error;
  });
}

interface CliProfile {
  readonly url: string;
  readonly ca: string;
  readonly token: string;
}

/** The administrator's credential, for the CLI of this user alone: 0600, never printed. Kept over restarts. */
export async function writeCliProfile(deps: EarlyDeps, { cli }: Places, url: string, tenant: string): Promise<void> {
  const path = join(cli, "profile.json");
  const before = readProfile(path);
  const { state: root } = await tlsRoot(deps, systemTenant);
  const ca = pemEncode("CERTIFICATE", fromBase64(root.certificate));
  const usable = before !== undefined && (await authenticateToken(deps, before.token))?.tenant === tenant;
  if (usable && before.url === url && before.ca === ca) return;
  const call = { ...systemCall(tenant, "provisioning", newId(deps.clock.now())) };
  const admin = { ...call, principal: { ...call.principal, scopes: [anyPermission] } };
  const token = usable ? before.token : (await mintToken(deps, admin, { ...evaluation, expiresAt: undefined })).token;
  const profile: CliProfile = { url, ca, token };
  writeFileSync(`${path}.new`, `${JSON.stringify(profile, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function readProfile(path: string): CliProfile | undefined {
  if (!existsSync(path) || (lstatSync(path).mode & 0o077) !== 0) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8")) as CliProfile;
  } catch {
    return undefined;
  }
}
