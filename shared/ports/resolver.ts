/** DNS as domain validation and egress need it (RFC 1034, 1035, 8659). */

export interface DnsAnswer<T> {
  readonly records: readonly T[];
  /** False: the name does not exist (NXDOMAIN); true with no records: it has none of this type. */
  readonly exists: boolean;
}

export interface CaaRecord {
  /** The issuer critical flag: who does not know the tag must not issue (RFC 8659 4.1). */
  readonly critical: boolean;
  /** Lower case (RFC 8659 4.1.1); empty when the record cannot be read, which is then critical. */
  readonly tag: string;
  readonly value: string;
}

/**
 * Asks the configured recursive resolvers, which follow CNAMEs. Nothing is kept from one call to the next. Each call
 * ends by itself, within 7.5 s for each resolver.
 * @throws Failure `unavailable` when there is no answer or one that says nothing (SERVFAIL, REFUSED, time-out,
 * unreadable): never to be taken for "no records"
 */
export interface Resolver {
  /** @returns AAAA then A, as canonical text (`shared/pki/ip.ts`); those of one family when the other cannot be asked */
  addresses(name: string): Promise<DnsAnswer<string>>;
  /** @returns the strings of each record joined */
  txt(name: string): Promise<DnsAnswer<string>>;
  /** Of this very name; climbing the tree is the caller's. */
  caa(name: string): Promise<DnsAnswer<CaaRecord>>;
}
