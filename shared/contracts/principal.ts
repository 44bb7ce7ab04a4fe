/** Who asks: the tenant comes from here and from nowhere else (I1). */
export interface Principal {
  readonly tenant: string;
  readonly subject: string;
  /** For the audit trail. */
  readonly roles: readonly string[];
  /** Permissions, or `*`. */
  readonly scopes: readonly string[];
}
