/** What the last look at each tenant saw, for metrics; see revocation-watch. */
export interface Overdue {
  readonly issuer: string;
  readonly what: string;
  /** RFC 3339; null: there is none at all. */
  readonly ends: string | null;
}

export interface Watched {
  /** Milliseconds since 1970: the earliest nextUpdate of a CRL or delta, the earliest end of a responder. Infinity: none. */
  readonly crlEndsMs: number;
  readonly responderEndsMs: number;
  readonly overdue: readonly Overdue[];
}

/** The newest look at each tenant, for metrics. */
export interface RevocationWatch {
  note(tenant: string, watched: Watched): void;
  total(): { readonly crlEndsMs: number; readonly responderEndsMs: number; readonly overdue: number };
}

export function createRevocationWatch(): RevocationWatch {
  const tenants = new Map<string, Watched>();
  return {
    note: (tenant, watched) => void tenants.set(tenant, watched),
    total() {
      const all = [...tenants.values()];
      return {
        crlEndsMs: Math.min(Infinity, ...all.map((one) => one.crlEndsMs)),
        responderEndsMs: Math.min(Infinity, ...all.map((one) => one.responderEndsMs)),
        overdue: all.reduce((sum, one) => sum + one.overdue.length, 0),
      };
    },
  };
}
