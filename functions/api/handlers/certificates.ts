import type * as z from "zod";
import type { certificateOperations } from "#shared/contracts/api/certificates";
import { decodeCsrText } from "#shared/pki/pem";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { existing } from "#shared/usecases/load";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { certificateWithPem } from "../certificate-with-pem.ts";
import type { Handler, Served } from "../handler.ts";
import { page, type PageQuery } from "../pages.ts";
import { summary } from "../summary.ts";
import { certificateView } from "../views.ts";

type Id = { readonly id: string };
type Issue = z.output<typeof certificateOperations.issue.body>;
type Revoke = z.output<typeof certificateOperations.revoke.body>;

const show = ({ deps, call }: Served, id: string) => certificateWithPem(deps, call.principal.tenant, id);

async function issue({ deps, call, body }: Served<unknown, unknown, Issue>) {
  const { id } = await issueCertificate(deps, call, {
    csr: decodeCsrText(body.csr, "csr"), protocol: "api", profile: body.profile, issuer: body.issuer_id, validitySeconds: body.validity_seconds, owner: body.owner_id,
  });
  return { resource: id };
}

export const certificateHandlers = {
  "certificates.list": {
    run: (served: Served<unknown, PageQuery & { readonly expiring_before?: string }>) => {
      const before = served.query.expiring_before;
      return page(served, "certificate", (id, state) => certificateView(id, state, served.deps.clock.now()), {
        name: "certificates",
        to: before === undefined ? undefined : new Date(before).toISOString(),
      });
    },
  },
  "certificates.issue": { show, run: issue },
  "certificates.summary": { run: async ({ deps, call }) => ({ body: await summary(deps, call.principal.tenant) }) },
  "certificates.get": { run: async (served) => ({ body: await show(served, served.params.id) }) },
  "certificates.revoke": {
    show: async ({ deps, call }, id) => certificateView(id, (await existing(deps, call.principal.tenant, "certificate", id)).state, deps.clock.now()),
    run: async ({ deps, call, params, body }: Served<Id, unknown, Revoke>) => {
      await revokeCertificate(deps, call, params.id, body.reason);
      return { resource: params.id };
    },
  },
} satisfies Record<string, Handler>;
