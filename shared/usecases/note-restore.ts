/** That a tenant's log was restored stands in the log: what came after the backup is gone, and numbers go on above it. */
import type { Restore } from "#shared/domain/tenant/tenant";
import { change } from "./commit.ts";
import { type Deps, systemCall } from "./deps.ts";

/** Once for each restore, however often it is called. */
export async function noteRestore(deps: Deps, tenant: string, restore: Restore): Promise<void> {
  const noted = async () => (await deps.log.load(tenant, "tenant", tenant)).state;
  const before = await noted();
  // A name that was reserved for a tenant whose registration never came.
  if (before === undefined || before.restored_at === restore.restored_at) return;
  await change(deps, systemCall(tenant, "restore", restore.restored_at), async () => ({
    stream: await deps.log.load(tenant, "tenant", tenant),
    event: { type: "tenant.restored", data: restore },
  }));
}
