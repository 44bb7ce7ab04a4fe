import { type Checkpoints, createCheckpoints } from "#events/checkpoints/checkpoints";
import { proveConsistency, type ProvenInclusion, proveInclusion } from "#events/checkpoints/prove";
import { checkpointOperations as operations } from "#shared/contracts/api/checkpoints";
import { decodeCursor, encodeCursor } from "#shared/http/cursor";
import { base64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { encodeTreeEntry } from "#shared/tlog/entry";
import { formatVerifierKey } from "#shared/tlog/signed-note";
import { existing } from "#shared/usecases/load";
import type { FunctionDeps } from "../../function.ts";
import { exportedLink } from "../audit-export.ts";
import { checkpointPage, entryPage, firstSize } from "../audit-checkpoints.ts";
import { prunable, prune } from "../audit-prune.ts";
import { checkpointView } from "../checkpoint-view.ts";
import { handle } from "../operation-handler.ts";

const of = (deps: FunctionDeps): Checkpoints => createCheckpoints(deps);

function inclusionView({ cut, index, link, previous, proof }: ProvenInclusion) {
  const { size, root, note } = checkpointView(cut);
  return {
    ...exportedLink(link),
    index,
    previous_hash: previous,
    entry: base64(encodeTreeEntry(link)),
    size,
    root,
    proof: proof.map(base64),
    note,
  };
}

export const checkpointHandlers = {
  "audit.key": handle(operations.key, {
    async run({ deps, call }) {
      const key = await of(deps).key(call.principal.tenant);
      return { body: { origin: key.name, algorithm: "Ed25519", verifier_key: formatVerifierKey(key) } };
    },
  }),
  "audit.checkpoint": handle(operations.make, {
    async run({ deps, call }) {
      const cut = await of(deps).make(call.principal.tenant);
      if (cut === undefined) throw new Failure("unprocessable", "the tenant has no events yet");
      return { body: checkpointView(cut) };
    },
  }),
  "audit.checkpoints": handle(operations.list, {
    async run({ deps, call, query }) {
      const { tenant } = call.principal;
      const { items, cursor } = await checkpointPage(
        deps.tables.tenant(tenant),
        tenant,
        query.limit,
        decodeCursor("checkpoints", query.cursor),
      );
      return { body: { items, next_cursor: encodeCursor("checkpoints", cursor) } };
    },
  }),
  "audit.inclusion": handle(operations.inclusion, {
    async run({ deps, call, query: { lane, sequence, size } }) {
      const at = { lane, seq: sequence };
      return { body: inclusionView(await proveInclusion(deps, of(deps), call.principal.tenant, at, size)) };
    },
  }),
  "certificates.inclusion": handle(operations.certificate, {
    async run({ deps, call, params, query }) {
      const { tenant } = call.principal;
      const { id, origin } = await existing(deps, tenant, "certificate", params.id);
      const proven = await proveInclusion(deps, of(deps), tenant, origin, query.size);
      return { body: { certificate_id: id, ...inclusionView(proven) } };
    },
  }),
  "audit.consistency": handle(operations.consistency, {
    async run({ deps, call, query }) {
      const { tenant } = call.principal;
      const first = query.from ?? (await firstSize(deps.tables.tenant(tenant), tenant));
      const { from, to, proof } = await proveConsistency(deps, of(deps), tenant, first, query.to);
      return { body: { from: checkpointView(from), to: checkpointView(to), proof: proof.map(base64) } };
    },
  }),
  "audit.prunable": handle(operations.prunable, {
    run: async ({ deps, call, query }) => ({ body: await prunable(deps, call.principal.tenant, query.before) }),
  }),
  "audit.prune": handle(operations.prune, {
    async run({ deps, call, body }) {
      await prune(deps, call, body);
      return { resource: call.principal.tenant };
    },
    async show({ deps, call }) {
      const { state } = await existing(deps, call.principal.tenant, "tenant", call.principal.tenant);
      const { size = 0, archive = "", digest = "" } = state.pruned ?? {};
      return { size, archive, digest };
    },
  }),
  "audit.entries": handle(operations.entries, {
    async run({ deps, call, query }) {
      const { items, cursor } = await entryPage(
        deps,
        call.principal.tenant,
        { from: query.from, limit: query.limit },
        decodeCursor("entries", query.cursor),
      );
      return { body: { items, next_cursor: encodeCursor("entries", cursor) } };
    },
  }),
};
