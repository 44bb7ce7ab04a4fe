import { decodeCursor, encodeCursor } from "#shared/http/cursor";
import { reconcile } from "#shared/usecases/reconcile";
import { exportPage } from "../audit-export.ts";
import { type AuditQuery, newestEvents } from "../audit-list.ts";
import type { Handler, Served } from "../handler.ts";
import type { PageQuery } from "../pages.ts";

async function runReconcile({ deps, call }: Served) {
  const report = await reconcile(deps, call);
  const { signatures, recorded, ocspSignatures, refused, inFlight, repaired, unjournalled } = report;
  return {
    body: {
      clean: repaired.length === 0 && unjournalled.length === 0,
      signatures, recorded, ocsp_signatures: ocspSignatures, refused, in_flight: inFlight, repaired, unjournalled,
    },
  };
}

export const auditHandlers = {
  "audit.list": {
    run: async ({ deps, call, query }: Served<unknown, AuditQuery & PageQuery>) => {
      const { items, cursor } = await newestEvents(deps.log, call.principal.tenant, query, decodeCursor(query.cursor));
      return { body: { items, next_cursor: encodeCursor(cursor) } };
    },
  },
  "audit.export": {
    run: async ({ deps, call, query }: Served<unknown, PageQuery>) => {
      const { cursor, ...page } = await exportPage(deps.log, call.principal.tenant, query.limit, decodeCursor(query.cursor));
      return { body: { ...page, next_cursor: encodeCursor(cursor) } };
    },
  },
  "audit.reconcile": { run: runReconcile },
} satisfies Record<string, Handler>;
