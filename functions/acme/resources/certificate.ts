/** RFC 8555 7.4.2: the certificate of an order and the chain that leads to the root, without the root. */
import type { Answer } from "#shared/http/answer";
import { fromBase64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { pemEncode } from "#shared/pki/pem";
import { certificateDer } from "#shared/usecases/certificate-der";
import { existing } from "#shared/usecases/load";
import { issuerWithChain } from "#shared/usecases/issuer-chain";
import { orderNow, orderOf } from "../order-view.ts";
import { assertPostAsGet } from "../payload.ts";
import type { AccountContext } from "../resource.ts";

export async function certificate(context: AccountContext): Promise<Answer> {
  const { deps, endpoint, payload } = context;
  assertPostAsGet(payload);
  const { state } = await orderOf(context);
  const id = state.certificate ?? (await orderNow(context, state)).certificate;
  if (id === undefined) throw new Failure("not_found", "the order has no certificate yet");
  const found = await existing(deps, endpoint.tenant, "certificate", id);
  const leaf = pemEncode("CERTIFICATE", fromBase64(await certificateDer(deps, endpoint.tenant, found)));
  return {
    status: 200,
    headers: { "content-type": "application/pem-certificate-chain" },
    body: leaf + (await intermediates(context, found.state.issuer)),
  };
}

const maxCached = 1_000;
const chains = new Map<string, string>();

/** PEM; kept, because an issuer's certificate and parent never change. */
async function intermediates({ deps, endpoint: { tenant } }: AccountContext, issuerId: string): Promise<string> {
  const known = chains.get(`${tenant}/${issuerId}`);
  if (known !== undefined) return known;
  const { issuer, chain } = await issuerWithChain(deps, tenant, issuerId);
  const pem = [issuer, ...chain]
    .filter(({ role }) => role !== "root")
    .map(({ certificate: der }) => pemEncode("CERTIFICATE", fromBase64(der)))
    .join("");
  if (chains.size >= maxCached) chains.clear();
  chains.set(`${tenant}/${issuerId}`, pem);
  return pem;
}
