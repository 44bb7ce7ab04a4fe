/** A tenant with a root of its own (I1), an issuing CA and a default profile. Every step may be tried again. */
import { profileSpec } from "#shared/contracts/api/profiles";
import { profileVersionId } from "#shared/domain/profile/profile";
import { Failure } from "#shared/kernel/failure";
import type { SignerKeyAlgorithm } from "#shared/kernel/key-algorithm";
import type { KeyBackend } from "#shared/kernel/key-backend";
import { isTenantId } from "#shared/kernel/ids";
import { change } from "./commit.ts";
import { createIssuingCa, createRoot } from "./create-issuer.ts";
import { type Deps, systemCall } from "./deps.ts";

export interface RegisterTenant {
  readonly tenant: string;
  readonly name: string;
  /** Without it no issuer can be made, and none is. */
  readonly revocationBaseUrl: string | undefined;
  /** Of its root and first issuing CA; default P-256, or what the tenant has. */
  readonly caKeyAlgorithm?: SignerKeyAlgorithm | undefined;
  /** What is to hold the keys of both; default: what the tenant was registered with, or what the signer takes by default. */
  readonly caKeyBackend?: KeyBackend | undefined;
}

const year = 365 * 86_400;

/** @throws Failure `invalid_field` for a malformed id, `conflict` for another key algorithm than the tenant has */
export async function registerTenant(deps: Deps, command: RegisterTenant): Promise<void> {
  const { tenant, name, revocationBaseUrl } = command;
  if (!isTenantId(tenant))
    throw new Failure(
      "invalid_field",
      `tenant id ${JSON.stringify(tenant)}: 1 to 63 of a-z, 0-9 and -, not starting with -`,
      { field: "tenant" },
    );
  const call = (operation: string) => systemCall(tenant, "provisioning", operation);
  await deps.directory.reserve("tenant", tenant, { tenant, id: tenant });
  const { state } = await deps.log.load(tenant, "tenant", tenant);
  const keyAlgorithm = state === undefined ? (command.caKeyAlgorithm ?? "P-256") : (state.ca_key_algorithm ?? "P-256");
  if (command.caKeyAlgorithm !== undefined && command.caKeyAlgorithm !== keyAlgorithm)
    throw new Failure("conflict", `tenant ${tenant} has CAs with ${keyAlgorithm} keys; leave the algorithm out`, {
      field: "ca_key_algorithm",
    });
  const keyBackend = command.caKeyBackend ?? state?.ca_key_backend;
  if (state === undefined) {
    const data = {
      name,
      ...(keyAlgorithm !== "P-256" && { ca_key_algorithm: keyAlgorithm }),
      ...(keyBackend !== undefined && { ca_key_backend: keyBackend }),
    };
    await change(deps, call("register"), async () => ({
      stream: await deps.log.load(tenant, "tenant", tenant),
      event: { type: "tenant.registered", data },
    }));
  }
  if (revocationBaseUrl === undefined) return;
  const ca = { keyAlgorithm, keyBackend, permittedDns: [], revocationBaseUrl } as const;
  await createRoot(deps, call("root"), { ...ca, name: `${name} Root`.slice(0, 64), validitySeconds: 10 * year });
  const issuer = await createIssuingCa(deps, call("first-issuer"), {
    ...ca,
    name: `${name} Issuing CA 1`.slice(0, 64),
    validitySeconds: 5 * year,
  });
  await ensureDefaultProfile(deps, tenant, issuer);
}

async function ensureDefaultProfile(deps: Deps, tenant: string, issuer: string): Promise<void> {
  if ((await deps.log.load(tenant, "profile", "default")).state !== undefined) return;
  await change(deps, systemCall(tenant, "provisioning", "default-profile"), async () => ({
    stream: await deps.log.load(tenant, "profile", "default"),
    touches: [await deps.log.load(tenant, "profile-version", profileVersionId("default", 1))],
    event: {
      type: "profile.version-created",
      data: { name: "default", version: 1, spec: profileSpec.parse({ issuer_id: issuer }) },
    },
  }));
}
