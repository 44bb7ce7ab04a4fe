/** Retention: what may go, and its going. The caller archives and verifies first; the host checks that it holds every event. */
import { foldLine, formatLine } from "#events/checkpoints/archive";
import { createCheckpoints } from "#events/checkpoints/checkpoints";
import { type Cut, firstCut, isSigned, listCuts, noCut, readCut, type SignedCut } from "#events/checkpoints/cut";
import { linksFrom } from "#events/checkpoints/sequence";
import { hashReader } from "#events/checkpoints/tree";
import { assertPrunable, pruneTo } from "#events/retention/prune";
import { base64 } from "#shared/kernel/bytes";
import { Failure, isFailure } from "#shared/kernel/failure";
import { readFrontier } from "#shared/tlog/frontier";
import { change } from "#shared/usecases/commit";
import type { Call } from "#shared/usecases/deps";
import { existing } from "#shared/usecases/load";
import type { FunctionDeps } from "../function.ts";
import { checkpointView } from "./checkpoint-view.ts";

/** Events of this moment and later stay. @throws Failure `unprocessable` where nothing may be removed */
function horizonOf({ auditRetentionMs, clock }: FunctionDeps): number {
  if (auditRetentionMs === undefined)
    throw new Failure(
      "unprocessable",
      "this host keeps every event: TRSTCTL_AUDIT_RETENTION_DAYS says after how many days they may be pruned",
    );
  return clock.now() - auditRetentionMs;
}

/** @param before RFC 3339 */
export async function prunable(deps: FunctionDeps, tenant: string, before: string | undefined) {
  const horizon = Math.min(horizonOf(deps), before === undefined ? Number.POSITIVE_INFINITY : Date.parse(before));
  const { from, to } = await range(deps, tenant, (cut) => Date.parse(cut.time) <= horizon);
  return {
    from: {
      size: from.size,
      frontier: (await edge(deps, tenant, from.size)).map(base64),
      heads: from.heads.map(({ lane, seq, hash }) => ({ lane, sequence: seq, hash })),
    },
    to: to === undefined ? null : checkpointView(to),
    events: to === undefined ? 0 : to.size - from.size,
  };
}

/** From what is pruned already to the last signed cut for which `old` holds. */
async function range(
  deps: FunctionDeps,
  tenant: string,
  old: (cut: Cut) => boolean,
): Promise<{ readonly from: Cut; readonly to: SignedCut | undefined }> {
  const table = deps.tables.tenant(tenant);
  const { state } = await existing(deps, tenant, "tenant", tenant);
  const pruned = state.pruned?.checkpoint ?? 0;
  const from = pruned === 0 ? noCut((await deps.log.heads(tenant)).length) : await readCut(table, tenant, pruned);
  if (from === undefined) throw new Failure("corrupt", `cut ${pruned} of the log is gone: restore it from a backup`);
  const newest = (await listCuts(table, tenant, 2)).find(isSigned);
  if (newest === undefined) return { from, to: undefined };
  const young = await firstCut(table, tenant, newest, (cut) => !old(cut));
  const to = young === undefined ? newest : young.before;
  return { from, to: to.n > from.n && isSigned(to) ? to : undefined };
}

async function edge(deps: FunctionDeps, tenant: string, size: number): Promise<readonly Uint8Array[]> {
  try {
    return await readFrontier(hashReader(deps.blob, tenant), size);
  } catch (error) {
    if (!isFailure(error, "unavailable")) throw error;
    await createCheckpoints(deps).rebuildTiles(tenant);
    return readFrontier(hashReader(deps.blob, tenant), size);
  }
}

export interface PruneRequest {
  readonly size: number;
  readonly archive: string;
  readonly digest: string;
}

/** Records that the events go, then removes them; the clock goes on where this was cut off. */
export async function prune(deps: FunctionDeps, call: Call, { size, archive, digest }: PruneRequest): Promise<void> {
  const { tenant } = call.principal;
  const horizon = horizonOf(deps);
  const { from, to } = await range(deps, tenant, (cut) => cut.size <= size);
  if (to?.size !== size)
    throw new Failure(
      "invalid_field",
      `size: no checkpoint of ${size} events follows what is pruned (${from.size}); ask \`trstctl audit prunable\``,
      { field: "size" },
    );
  if (Date.parse(to.time) > horizon)
    throw new Failure("unprocessable", `the checkpoint of ${size} events is of ${to.time}: too young to be pruned`, {
      field: "size",
    });
  if ((await digestOf(deps, tenant, from, to)) !== digest)
    throw new Failure("unprocessable", "digest: the archive does not hold these events; archive them again", {
      field: "digest",
    });
  await assertPrunable(deps, tenant, to);
  const heads = to.heads.map(({ lane, seq }) => ({ lane, sequence: seq }));
  await change(deps, call, async () => {
    const stream = await existing(deps, tenant, "tenant", tenant);
    if ((stream.state.pruned?.size ?? 0) !== from.size)
      throw new Failure("conflict", "somebody else prunes this log at the same time");
    return {
      stream,
      event: { type: "tenant.log-pruned", data: { size, checkpoint: to.n, heads, archive, digest } },
    };
  });
  await pruneTo(deps, tenant, to.n);
}

async function digestOf(deps: FunctionDeps, tenant: string, from: Cut, to: Cut): Promise<string> {
  let digest = "";
  for await (const { link } of linksFrom(deps, tenant, to, from.size, to.size - from.size))
    digest = foldLine(digest, formatLine(link));
  return digest;
}
