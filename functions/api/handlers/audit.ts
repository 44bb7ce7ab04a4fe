import { auditOperations as operations } from "#shared/contracts/api/audit";
import { decodeCursor, encodeCursor } from "#shared/http/cursor";
import { reconcile } from "#shared/usecases/reconcile";
import { checkpointTotals } from "../audit-checkpoints.ts";
import { exportPage } from "../audit-export.ts";
import { newestEvents } from "../audit-list.ts";
import { compareState } from "../audit-state.ts";
import { handle, type Served } from "../operation-handler.ts";

async function runReconcile({ deps, call }: Served) {
  const {
    signatures,
    recorded,
    ocspSignatures,
    replySignatures,
    decryptions,
    checkpoints,
    refused,
    inFlight,
    repaired,
    unjournalled,
  } = await reconcile(deps, call);
  const stored = await checkpointTotals(deps.tables.tenant(call.principal.tenant), call.principal.tenant);
  // One more than are stored may be in work; any other was signed for somebody who hid it.
  const accounted = checkpoints >= stored.signed && checkpoints <= stored.signed + stored.unsigned;
  const clean = accounted && repaired.length === 0 && unjournalled.length === 0;
  return {
    body: {
      clean,
      signatures,
      recorded,
      ocsp_signatures: ocspSignatures,
      reply_signatures: replySignatures,
      decryptions,
      checkpoint_signatures: checkpoints,
      checkpoints: stored.signed,
      refused,
      in_flight: inFlight,
      repaired,
      unjournalled,
    },
  };
}

export const auditHandlers = {
  "audit.list": handle(operations.list, {
    async run({ deps, call, query }) {
      const { items, cursor } = await newestEvents(
        deps.log,
        call.principal.tenant,
        query,
        decodeCursor("events", query.cursor),
      );
      return { body: { items, next_cursor: encodeCursor("events", cursor) } };
    },
  }),
  "audit.export": handle(operations.export, {
    async run({ deps, call, query }) {
      const { cursor, ...page } = await exportPage(
        deps.log,
        call.principal.tenant,
        query.limit,
        decodeCursor("export", query.cursor),
      );
      return { body: { ...page, next_cursor: encodeCursor("export", cursor) } };
    },
  }),
  "audit.state": handle(operations.state, {
    run: async ({ deps, call }) => ({ body: await compareState(deps, call.principal.tenant) }),
  }),
  "audit.reconcile": handle(operations.reconcile, { run: runReconcile }),
};
