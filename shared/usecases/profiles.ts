import type { ProfileSpec } from "#shared/contracts/api/profiles";
import { assertProfileSpec } from "#shared/domain/profile/evaluate";
import { profileVersionId } from "#shared/domain/profile/profile";
import { change } from "./commit.ts";
import type { Call } from "./deps.ts";
import type { EndpointDeps } from "./enrolment-endpoints.ts";
import { assertIssuable } from "./lint-profile.ts";
import { referenced } from "./load.ts";

/** The next version of a profile, active from now on; older versions stay as they are. @returns `name@version` */
export async function createProfileVersion(
  deps: EndpointDeps,
  call: Call,
  name: string,
  spec: ProfileSpec,
): Promise<string> {
  const { tenant } = call.principal;
  assertProfileSpec(spec, deps.protocols);
  if (spec.issuer_id !== undefined) await referenced(deps, tenant, "issuer", spec.issuer_id, "spec.issuer_id");
  await assertIssuable(deps, tenant, spec);
  let id = "";
  await change(deps, call, async () => {
    const stream = await deps.log.load(tenant, "profile", name);
    const version = (stream.state?.version ?? 0) + 1;
    id = profileVersionId(name, version);
    return {
      stream,
      touches: [await deps.log.load(tenant, "profile-version", id)],
      event: { type: "profile.version-created", data: { name, version, spec } },
      resource: id,
    };
  });
  return id;
}
