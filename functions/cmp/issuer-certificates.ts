/** The certificates of the CA behind an endpoint, up to its root. */
import { fromBase64 } from "#shared/kernel/bytes";
import { issuerWithChain } from "#shared/usecases/issuer-chain";
import type { Exchange } from "./exchange.ts";

type Whose = Pick<Exchange, "deps" | "endpoint" | "issuer">;

/** The issuing CA first, the root last; DER. */
export async function issuerCertificates({ deps, endpoint, issuer }: Whose): Promise<Uint8Array[]> {
  const { issuer: own, chain } = await issuerWithChain(deps, endpoint.tenant, issuer.id);
  return [own, ...chain].map(({ certificate }) => fromBase64(certificate));
}

/** For extraCerts: without the root, which nobody trusts for having been sent it (RFC 9483 3.3). */
export async function intermediateCertificates(whose: Whose): Promise<Uint8Array[]> {
  const all = await issuerCertificates(whose);
  return all.length > 1 ? all.slice(0, -1) : all;
}

/** For caPubs: the root, under a MAC that requester and CA share. */
export const trustedCertificates = async (whose: Whose): Promise<Uint8Array[]> =>
  (await issuerCertificates(whose)).slice(-1);
