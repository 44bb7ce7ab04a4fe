/** Where derived items of a tenant may lie: what should not be there is looked for in these partitions. */
import { type AggregateKind, aggregateKinds } from "#shared/domain/aggregate";
import { aggregates } from "#shared/domain/registry";
import type { Key } from "#shared/ports/table";
import { kindOf, partition } from "../item-kinds.ts";

/** Kinds whose partitions are named after something else that is known. */
const namedAfter: Partial<Record<AggregateKind, readonly AggregateKind[]>> = {
  issuer: ["crl-shard"],
  crl: ["revocation"], // both by `<issuer>.<shard>`
  "acme-account": ["acme-order", "acme-authorization", "acme-authorized-name"],
};

/** Of the kinds that have one for all their items. */
export const wholePartitions = (tenant: string): string[] =>
  aggregateKinds.filter((kind) => aggregates[kind].partitioned !== true).map((kind) => partition(tenant, kind));

/** The item's own, and those that are named after it. */
export const partitionsBy = (tenant: string, { pk, sk }: Key): string[] => [
  pk,
  ...(namedAfter[kindOf(pk) as AggregateKind] ?? []).map((kind) => partition(tenant, kind, sk)),
];
