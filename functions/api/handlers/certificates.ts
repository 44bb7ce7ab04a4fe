import { certificateOperations as operations } from "#shared/contracts/api/certificates";
import { base64 } from "#shared/kernel/bytes";
import { decodeCsrText } from "#shared/pki/pem";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { existing } from "#shared/usecases/load";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { certificateWithPem, renderCertificate } from "../certificate-with-pem.ts";
import { handle, type Served, type ServedBy } from "../operation-handler.ts";
import { listCertificates } from "../list-certificates.ts";
import { summary } from "../summary.ts";
import { untilPublished } from "../until-published.ts";
import { certificateView } from "../views.ts";

const show = ({ deps, call }: Served, id: string) => certificateWithPem(deps, call.principal.tenant, id);

async function issue({ deps, call, body }: ServedBy<typeof operations.issue>) {
  const { certificate, der } = await issueCertificate(deps, call, {
    csr: decodeCsrText(body.csr, "csr"),
    protocol: "api",
    profile: body.profile,
    issuer: body.issuer_id,
    validitySeconds: body.validity_seconds,
    owner: body.owner_id,
  });
  return { body: await renderCertificate(deps, call.principal.tenant, certificate, base64(der)) };
}

export const certificateHandlers = {
  "certificates.list": handle(operations.list, { run: listCertificates }),
  "certificates.issue": handle(operations.issue, { show, run: issue }),
  "certificates.summary": handle(operations.summary, {
    run: async ({ deps, call }) => ({ body: await summary(deps, call.principal.tenant) }),
  }),
  "certificates.get": handle(operations.get, {
    run: async (served) => ({ body: await show(served, served.params.id) }),
  }),
  "certificates.revoke": handle(operations.revoke, {
    show: async ({ deps, call }, id) =>
      certificateView(id, (await existing(deps, call.principal.tenant, "certificate", id)).state, deps.clock.now()),
    async run({ deps, call, params, body }) {
      await revokeCertificate(deps, call, params.id, body.reason);
      await untilPublished(deps, call.principal.tenant);
      return { resource: params.id };
    },
  }),
};
