import type { Issuer } from "#shared/domain/issuer/issuer";
import type { Deps } from "./deps.ts";
import { existing } from "./load.ts";

export interface IssuerWithChain {
  readonly issuer: Issuer;
  /** Its own issuer first, the root last; empty for a root. */
  readonly chain: readonly Issuer[];
}

/** @throws Failure `not_found` */
export async function issuerWithChain(deps: Deps, tenant: string, id: string): Promise<IssuerWithChain> {
  const { state: issuer } = await existing(deps, tenant, "issuer", id);
  const chain: Issuer[] = [];
  for (let { parent } = issuer; parent !== null; ) {
    const { state } = await existing(deps, tenant, "issuer", parent);
    chain.push(state);
    parent = state.parent;
  }
  return { issuer, chain };
}
