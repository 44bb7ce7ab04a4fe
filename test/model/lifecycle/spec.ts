/** What owners, issuers, identities, certificates, members and tokens of a tenant are (behaviour §5, §7 to §10), in maps. */

export const targets = ["issued", "deployed", "renewing", "revoked", "retired", "cancelled"] as const;
export type Target = (typeof targets)[number];
export type Status = "requested" | "failed" | Target;

/** behaviour §9, with a way to cancel what was never issued. */
const edges: Readonly<Record<Exclude<Status, "failed">, readonly Target[]>> = {
  requested: ["issued", "cancelled"],
  issued: ["deployed", "revoked"],
  deployed: ["renewing", "revoked"],
  renewing: ["deployed", "revoked"],
  revoked: ["retired"],
  retired: [],
  cancelled: [],
};

export interface IdentitySpec {
  readonly owner: string;
  status: Status;
  /** What failed, while it is `failed`. */
  retry: "issued" | "renewing" | undefined;
  certificate: string | undefined;
  /** Neither revoked nor expired when last looked at. */
  live: string[];
}

/** What failed may be tried again; a failed first issuance can be given up, a failed renewal leaves what was deployed. */
export const allowed = ({ status, retry }: IdentitySpec): readonly Target[] =>
  status !== "failed"
    ? edges[status]
    : retry === "issued"
      ? ["issued", "cancelled"]
      : ["renewing", "deployed", "revoked"];

export interface CertificateSpec {
  readonly issuer: string;
  readonly shard: number;
  readonly serial: string;
  readonly identity: string | undefined;
  readonly replaces: string | undefined;
  /** Milliseconds. */
  readonly notAfter: number;
  status: "active" | "superseded" | "revoked";
}

export interface TokenSpec {
  readonly subject: string;
  revoked: boolean;
  /** The member was offboarded after it was made: nothing brings it back. */
  orphaned: boolean;
  /** As it was shown; unknown when nobody heard the answer. */
  text: string | undefined;
}

export class TenantSpec {
  readonly owners = new Map<string, { name: string; references: number }>();
  readonly issuers = new Map<string, "active" | "retired">();
  readonly identities = new Map<string, IdentitySpec>();
  readonly certificates = new Map<string, CertificateSpec>();
  readonly members = new Map<string, "active" | "offboarded">();
  readonly tokens = new Map<string, TokenSpec>();
  /** Certificates that may have been signed without anybody hearing of it. */
  orphans = 0;

  refer(owner: string, by: number): void {
    const found = this.owners.get(owner);
    if (found !== undefined) found.references += by;
  }

  /** One certificate of it was revoked by itself; with the last live one the identity is over. */
  bereave(identity: string, certificate: string): void {
    const found = this.identities.get(identity);
    if (found === undefined || !found.live.includes(certificate)) return;
    found.live = found.live.filter((one) => one !== certificate);
    if (found.live.length === 0) Object.assign(found, { status: "revoked", retry: undefined });
  }
}

export interface Spec {
  readonly tenants: Readonly<Record<"a" | "b", TenantSpec>>;
  now: number;
  /** The latest that it ever was. */
  latest: number;
  /** Whether the signer answers when a leaf is to be signed. */
  signer: "up" | "down";
}
