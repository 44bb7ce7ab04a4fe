/** What a function is: one folder, one line in the registry, one Lambda on AWS, one part of the host on one machine. */
import type { Limiter } from "#shared/ports/limiter";
import type { TableStore } from "#shared/ports/table";
import type { Principal } from "#shared/contracts/principal";
import type { Deps } from "#shared/usecases/deps";
import type { ValidationDeps } from "#shared/usecases/validation/challenge";
import type { RevocationWatch } from "#shared/usecases/watched-revocation";
import type { Pool } from "#shared/http/pool";
import type { ProtocolRequests } from "#shared/http/protocol-requests";
import type { SignInByProvider } from "#shared/ports/identity-provider";
import type { ShortLived } from "#shared/ports/short-lived";

export interface EnrolmentLimits {
  /** By account, credential or address. */
  readonly perSubject: Limiter;
  readonly perName: Limiter;
}

/** Everything that some function needs; a host builds it once, each function takes its part. */
export interface FunctionDeps extends Deps, ValidationDeps {
  readonly tables: TableStore;
  /** Of every tenant's log; `region`: on AWS the one of this process, in which alone it writes (events/log/fence.ts). */
  readonly logPlace: { readonly lanes: number; readonly region: string | undefined };
  readonly limiter: Limiter;
  /** What enrolment protocols hold one client to, and what is asked for one name. */
  readonly enrolmentLimits: EnrolmentLimits;
  readonly revocationBaseUrl: string | undefined;
  readonly hostnames: readonly string[];
  /** Origin of the API listener, for the URLs that protocols hand out: `https://host:port`. Never from a request. */
  readonly publicUrl: string;
  /** Where the console's own pages come from: `https://host:port`, each host name that this host answers to. */
  readonly origins: ReadonlySet<string>;
  /** Names of the enrolment protocols that are served. */
  readonly protocols: readonly string[];
  /** The secret of an enrolment credential, 32 bytes: derived, so that it is stored nowhere. */
  readonly enrolmentSecret: (tenant: string, credential: string) => Uint8Array;
  readonly shortLived: ShortLived;
  /** The identity providers that the operator has set up; empty without one. */
  readonly signIn: SignInByProvider;
  readonly protocolRequests: ProtocolRequests;
  /** Events younger than this are never removed; undefined: none are. */
  readonly auditRetentionMs?: number | undefined;
  /** Who works on an evaluation host, where this is one. */
  readonly evaluation?: { readonly tenant: string; readonly subject: string; readonly scopes: readonly string[] };
  /** The product's own tenant; no token is ever made for it. */
  readonly systemTenant: string;
  /** Names under which protocols answer that are on the plain HTTP listener too: the host's, and that of new revocation URLs. */
  readonly plainHostnames: readonly string[];
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

/** `mtls` is a second HTTPS port that asks for a client certificate: the other one never does, and no browser is asked. */
export type Listener = "api" | "mtls" | "revocation" | "admin";
/**
 * `table` and `blob` are a tenant's: on AWS they are reached by the tenant role only. `directory` finds whose a public name
 * is, `directory-write` reserves and releases names, `directory-list` lists them. `public` is the bucket that the revocation
 * distribution reads, `settings` where the URLs stand, `secret` what keys are derived from, `wakes` the queues
 * of the wake functions.
 */
export type Port =
  | "table"
  | "directory"
  | "directory-write"
  | "directory-list"
  | "blob"
  | "public"
  | "signer"
  | "limiter"
  | "egress"
  | "settings"
  | "secret"
  | "wakes"
  /** Of sign-in: the identity providers and what proves us to them, which an operator puts there. */
  | "providers"
  /** Of the canary: its token, which an operator puts there. */
  | "credential";

/** What a function is given on AWS; the host on one machine reads none of it. */
export interface LambdaSettings {
  readonly memoryMb: number;
  /** An API waits 29 s at most; a queue hides a message for six times as long as its function may take. */
  readonly timeoutSeconds: number;
  /** Its share of the concurrency that the context `concurrency` reserves, among those of all functions. */
  readonly concurrencyWeight: number;
  /** File below functions/; `<name>/handler.ts` where nothing is said. */
  readonly handler?: string;
}

interface Named {
  readonly name: string;
  /** Which ports it reaches: on AWS, its permissions. */
  readonly ports: readonly Port[];
  readonly lambda: LambdaSettings;
}

/** Who is at the other end of the connection. */
export interface Peer {
  readonly address: string;
  /** TLS client certificate, DER: its key was proven by the handshake, nothing else was looked at. Only on `mtls`. */
  readonly certificate: Uint8Array | undefined;
}

/** What a loaded HTTP function answers with. */
export interface Answers {
  fetch(request: Request, peer: Peer): Response | Promise<Response>;
}

/** What answers requests on one machine. */
export interface Answering {
  readonly name: string;
  readonly listeners: readonly Listener[];
  /** What the path of a URL begins with to come here; of several the longest counts. */
  readonly paths: readonly string[];
  /** Requests in work at once. */
  readonly concurrency: number;
  /** Of an enrolment protocol: its name in endpoints, profiles and inventory. */
  readonly protocol?: string;
  load(deps: BoundDeps): Promise<Answers>;
}

export interface HttpFunction extends Named, Answering {
  readonly name: string;
  /** What asks it on AWS: an API of its own kind, or nobody but who may invoke it. */
  readonly trigger: "rest-api" | "http-api" | "invoke";
}

export interface WakeFunction extends Named {
  /** What rings for it, see functions/lambda/wake-sources.ts. On AWS: its own queue, with this many messages at once. */
  readonly batchSize: number;
  /** Called for a tenant whose log moved. @returns milliseconds after which it wants to be called again */
  load(deps: FunctionDeps): Promise<(tenant: string) => Promise<number | undefined>>;
}

export interface ScheduledFunction extends Named {
  readonly everySeconds: number;
  load(deps: FunctionDeps): Promise<(sweep: (tenant: string) => Promise<void>) => Promise<void>>;
}

/** Only on AWS: what is a process or a part of the host on one machine. */
export interface AwsFunction extends Named {
  /** `stream`: the core table's. */
  readonly trigger: "stream" | "invoke";
}
