/** A tenant with a root of its own (I1), an issuing CA and a default profile. Every step may be tried again. */
import { profileSpec } from "#shared/contracts/api/profiles";
import { profileVersionId } from "#shared/domain/profile/profile";
import { Failure } from "#shared/kernel/failure";
import { isTenantId } from "#shared/kernel/ids";
import { change } from "./commit.ts";
import { createIssuingCa, createRoot } from "./create-issuer.ts";
import { type Deps, systemCall } from "./deps.ts";

export interface RegisterTenant {
  readonly tenant: string;
  readonly name: string;
  /** Without it no issuer can be made, and none is. */
  readonly revocationBaseUrl: string | undefined;
}

const year = 365 * 86_400;

/** @throws Failure `invalid_field` for a malformed id */
export async function registerTenant(deps: Deps, { tenant, name, revocationBaseUrl }: RegisterTenant): Promise<void> {
  if (!isTenantId(tenant))
    throw new Failure(
      "invalid_field",
      `tenant id ${JSON.stringify(tenant)}: 1 to 63 of a-z, 0-9 and -, not starting with -`,
      { field: "tenant" },
    );
  const call = (operation: string) => systemCall(tenant, "provisioning", operation);
  await deps.directory.reserve("tenant", tenant, { tenant, id: tenant });
  if ((await deps.log.load(tenant, "tenant", tenant)).state === undefined) {
    await change(deps, call("register"), async () => ({
      stream: await deps.log.load(tenant, "tenant", tenant),
      event: { type: "tenant.registered", data: { name } },
    }));
  }
  if (revocationBaseUrl === undefined) return;
  const ca = { keyAlgorithm: "P-256", permittedDns: [], revocationBaseUrl } as const;
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
