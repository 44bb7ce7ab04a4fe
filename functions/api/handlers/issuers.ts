import { issuerOperations as operations } from "#shared/contracts/api/issuers";
import { sha256Hex } from "#shared/crypto/hash";
import { fromBase64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { createIssuingCa, findRoot } from "#shared/usecases/create-issuer";
import { retireIssuer } from "#shared/usecases/retire-issuer";
import { issuerWithChain } from "#shared/usecases/issuer-chain";
import { handle, type Served, type ServedBy } from "../operation-handler.ts";
import { page } from "../pages.ts";
import { untilPublished } from "../until-published.ts";
import { certificatePem, issuerView } from "../views.ts";

async function show({ deps, call }: Served, id: string) {
  const { issuer, chain } = await issuerWithChain(deps, call.principal.tenant, id);
  return issuerView(id, issuer, chain);
}

async function create({ deps, call, body }: ServedBy<typeof operations.create>) {
  if (deps.revocationBaseUrl === undefined) {
    throw new Failure(
      "unprocessable",
      "set TRSTCTL_REVOCATION_BASE_URL first: it is burnt into every certificate of the new issuer",
    );
  }
  const { name, key_algorithm, responder_key_algorithm, key_backend, validity_days, permitted_dns } = body;
  const resource = await createIssuingCa(deps, call, {
    name,
    keyAlgorithm: key_algorithm,
    responderKeyAlgorithm: responder_key_algorithm,
    keyBackend: key_backend,
    validitySeconds: validity_days * 86_400,
    permittedDns: permitted_dns,
    revocationBaseUrl: deps.revocationBaseUrl,
  });
  await untilPublished(deps, call.principal.tenant);
  return { resource };
}

async function root({ deps, call }: Served) {
  const { id, state } = await findRoot(deps, call.principal.tenant);
  const fingerprint = sha256Hex(fromBase64(state.certificate));
  return {
    body: { issuer_id: id, subject: state.subject, fingerprint, certificate: certificatePem(state.certificate) },
  };
}

export const issuerHandlers = {
  "issuers.list": handle(operations.list, { run: (served) => page(served, "issuer", (id) => show(served, id)) }),
  "issuers.create": handle(operations.create, { show, run: create }),
  "issuers.root": handle(operations.root, { run: root }),
  "issuers.get": handle(operations.get, { run: async (served) => ({ body: await show(served, served.params.id) }) }),
  "issuers.retire": handle(operations.retire, {
    show,
    async run({ deps, call, params }) {
      await retireIssuer(deps, call, params.id);
      return { resource: params.id };
    },
  }),
};
