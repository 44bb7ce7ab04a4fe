/** What a function is: one folder, one line in the registry, one Lambda on AWS, one part of the host on one machine. */
import type { Limiter } from "#shared/ports/limiter";
import type { TableStore } from "#shared/ports/table";
import type { Principal } from "#shared/contracts/principal";
import type { Deps } from "#shared/usecases/deps";
import type { RevocationWatch } from "#shared/usecases/revocation-watch";
import type { Pool } from "#shared/http/pool";

/** Everything that some function needs; a host builds it once, each function takes its part. */
export interface FunctionDeps extends Deps {
  readonly tables: TableStore;
  readonly limiter: Limiter;
  readonly revocationBaseUrl: string | undefined;
  readonly hostnames: readonly string[];
  /** Events younger than this are never removed; undefined: none are. */
  readonly auditRetentionMs?: number | undefined;
  /** The product's own tenant; no token is ever made for it. */
  readonly systemTenant: string;
  /** Names under which revocation is asked: those of certificates that are out, beside the host's own. */
  readonly revocationHostnames: ReadonlySet<string>;
  readonly authenticate: (headers: Headers) => Promise<Principal>;
  readonly fingerprintKey: (tenant: string) => Uint8Array;
  readonly ready: () => Promise<Readonly<Record<string, "ok" | "failing">>>;
  /** What the clock last saw of CRLs and responders. */
  readonly watch: RevocationWatch;
  /** Failures that are ours, for the operator's log. */
  readonly report: (error: unknown, context: object) => void;
}

/** What the function is given beside that: its own bulkhead (I8). */
export type BoundDeps = FunctionDeps & { readonly pool: Pool };

export type Listener = "api" | "revocation" | "admin";
export type Port = "table" | "directory" | "blob" | "signer" | "limiter";

interface Named {
  readonly name: string;
  /** Which ports it reaches: on AWS, its permissions. */
  readonly ports: readonly Port[];
}

export interface HttpFunction extends Named {
  readonly listener: Listener;
  /** Requests in work at once. */
  readonly concurrency: number;
  load(deps: BoundDeps): Promise<{ fetch(request: Request): Response | Promise<Response> }>;
}

export interface WakeFunction extends Named {
  /** Called for a tenant whose log moved. @returns milliseconds after which it wants to be called again */
  load(deps: FunctionDeps): Promise<(tenant: string) => Promise<number | undefined>>;
}

export interface ScheduledFunction extends Named {
  readonly everySeconds: number;
  load(deps: FunctionDeps): Promise<(sweep: (tenant: string) => Promise<void>) => Promise<void>>;
}
