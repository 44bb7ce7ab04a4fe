/**
 * What must be known before the tenant is: public names → tenant. Its own table and role; it holds nothing secret.
 * A name is reserved, then confirmed by the event of the thing that it names; a sweeper releases stale reservations
 * whose event never came. A confirmed name is never given to anything else.
 */
export const directoryKinds = ["tenant", "token", "issuer", "endpoint"] as const;
export type DirectoryKind = (typeof directoryKinds)[number];

export interface DirectoryEntry {
  readonly tenant: string;
  /** Id of the named thing within its tenant. */
  readonly id: string;
  readonly reservedAt: number;
}

/** One that is to be released only if nobody has reserved the name again. */
export type Reservation = Pick<DirectoryEntry, "reservedAt">;

export interface Directory {
  /** Eventually consistent on AWS; a name just reserved may take a moment. */
  resolve(kind: DirectoryKind, value: string): Promise<DirectoryEntry | undefined>;
  /** Durable when it returns. Reserving again for the same tenant and id is no error. @throws Failure `conflict` when taken. */
  reserve(kind: DirectoryKind, value: string, entry: { readonly tenant: string; readonly id: string }): Promise<void>;
  /** Only for a reservation that was never confirmed. No error when absent; refuses another tenant's, and one made again since `only`, with `conflict`. */
  release(kind: DirectoryKind, value: string, tenant: string, only?: Reservation): Promise<void>;
  /** What a tenant holds of kind `endpoint`, ascending by name, up to 100 a page; pass the last name to go on. */
  endpoints(tenant: string, after?: string): Promise<readonly (DirectoryEntry & { readonly value: string })[]>;
  /** Tenant ids in ascending order, up to 100 a page; pass the last one to go on. */
  tenants(after?: string): Promise<readonly string[]>;
}
