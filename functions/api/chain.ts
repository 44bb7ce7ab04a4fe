import type { Deps } from "#shared/usecases/deps";
import { issuerWithChain } from "#shared/usecases/issuer-chain";
import { certificatePem } from "./views.ts";

const maxCached = 1_000;
const chains = new Map<string, readonly string[]>();

/**
 * What a server sends beside its certificate: the issuing CA first, without the root, which whoever trusts it has already.
 * PEM; kept, because an issuer's certificate and parent never change.
 */
export async function intermediateChain(deps: Deps, tenant: string, issuerId: string): Promise<readonly string[]> {
  const key = `${tenant}/${issuerId}`;
  const known = chains.get(key);
  if (known !== undefined) return known;
  const { issuer, chain } = await issuerWithChain(deps, tenant, issuerId);
  const pems = [issuer, ...chain]
    .filter(({ role }) => role !== "root")
    .map(({ certificate }) => certificatePem(certificate));
  if (chains.size >= maxCached) chains.clear();
  chains.set(key, pems);
  return pems;
}
