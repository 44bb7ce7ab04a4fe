/** Where effects go, one line each. The names stand in stored entries: one that is taken away leaves dead entries behind. */
export interface DestinationFacts {
  /** What a delivery does, for people. */
  readonly does: string;
  /** A service of our own: tried until it is done, whatever its circuit counts. */
  readonly own: boolean;
  /** Members of the payload that name what it is about: an allow-list, nothing else of a payload is ever shown. */
  readonly about: readonly string[];
}

export const destinations = {
  "crl.publish": { does: "Signs and publishes a CRL shard with its delta", own: true, about: ["issuer", "shard"] },
  "revocation.advance": { does: "Works on a bulk revocation", own: true, about: ["job"] },
  "ocsp.rotate": { does: "Renews an issuer's OCSP responder", own: true, about: ["issuer"] },
} as const satisfies Readonly<Record<string, DestinationFacts>>;

export type DestinationName = keyof typeof destinations;

/** Undefined for what an earlier or later release calls so. */
export const destinationFacts = (name: string): DestinationFacts | undefined =>
  Object.hasOwn(destinations, name) ? destinations[name as DestinationName] : undefined;
