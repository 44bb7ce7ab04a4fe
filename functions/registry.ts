/** Every function, one line each; the host on one machine and the CDK app read this, a handler never does. */
import type {
  Answering,
  AwsFunction,
  HttpFunction,
  LambdaSettings,
  ScheduledFunction,
  WakeFunction,
} from "./function.ts";
import { streamFilters } from "./lambda/wake-sources.ts";

/** An API gives up after 29 s: what would take longer is told so, not cut off. */
const asked = { memoryMb: 1024, timeoutSeconds: 28 } as const;

export const httpFunctions: readonly HttpFunction[] = [
  {
    name: "api",
    listeners: ["api"],
    paths: ["/api/", "/healthz", "/readyz", "/metrics"],
    ports: ["table", "directory", "directory-write", "blob", "signer", "limiter", "settings", "secret"],
    trigger: "rest-api",
    lambda: { ...asked, concurrencyWeight: 25 },
    concurrency: 512,
    load: async (deps) => {
      const [{ createApi }, { createApiMetrics }] = await Promise.all([
        import("./api/app.ts"),
        import("./api/metrics.ts"),
      ]);
      return createApi(deps, createApiMetrics(deps));
    },
  },
  {
    name: "sign-in",
    listeners: ["api"],
    paths: ["/auth/"],
    // A program that signs in gets a token, and a token a name in the directory.
    ports: ["table", "directory", "directory-write", "egress", "settings", "secret", "providers"],
    trigger: "http-api",
    lambda: { ...asked, concurrencyWeight: 4 },
    concurrency: 64,
    load: async (deps) => (await import("./sign-in/app.ts")).createSignIn(deps),
  },
  {
    name: "est",
    protocol: "est",
    listeners: ["api", "mtls"],
    paths: ["/.well-known/est/"],
    ports: ["table", "directory", "signer", "limiter", "settings", "secret"],
    trigger: "http-api",
    lambda: { ...asked, concurrencyWeight: 6 },
    concurrency: 256,
    load: async (deps) => (await import("./est/app.ts")).createEst(deps),
  },
  {
    name: "revocation",
    listeners: ["revocation"],
    paths: ["/"],
    ports: ["table", "directory", "blob", "public", "signer", "settings"],
    trigger: "http-api",
    lambda: { ...asked, concurrencyWeight: 20 },
    concurrency: 1024,
    load: async (deps) => (await import("./revocation/app.ts")).createRevocationApp(deps),
  },
  {
    name: "acme",
    protocol: "acme",
    listeners: ["api"],
    paths: ["/acme/", "/directory"],
    ports: ["table", "directory", "signer", "limiter", "settings", "secret"],
    trigger: "http-api",
    lambda: { ...asked, concurrencyWeight: 15 },
    concurrency: 256,
    load: async (deps) => (await import("./acme/app.ts")).createAcmeServer(deps),
  },
  {
    name: "admin",
    listeners: ["admin"],
    paths: ["/"],
    ports: ["table", "directory-write", "directory-list", "signer", "settings"],
    trigger: "invoke",
    lambda: { memoryMb: 1024, timeoutSeconds: 900, concurrencyWeight: 1 },
    concurrency: 8,
    load: async (deps) => (await import("./admin/app.ts")).createAdminApp(deps),
  },
  {
    name: "scep",
    protocol: "scep",
    listeners: ["api", "revocation"], // RFC 8894 4.1: its own messages are protected, so HTTP will do
    paths: ["/scep"],
    ports: ["table", "directory", "blob", "signer", "limiter", "settings", "secret"],
    trigger: "http-api",
    lambda: { ...asked, concurrencyWeight: 4 },
    concurrency: 128,
    load: async (deps) => (await import("./scep/app.ts")).createScep(deps),
  },
  {
    name: "cmp",
    protocol: "cmp",
    listeners: ["api", "revocation"],
    paths: ["/.well-known/cmp"],
    ports: ["table", "directory", "blob", "signer", "limiter", "settings", "secret"],
    trigger: "http-api",
    lambda: { ...asked, concurrencyWeight: 4 },
    concurrency: 128,
    load: async (deps) => (await import("./cmp/app.ts")).createCmp(deps),
  },
];

export const wakeFunctions: readonly WakeFunction[] = [
  {
    name: "outbox",
    ports: ["table", "blob", "signer", "settings", "wakes"],
    batchSize: 10,
    lambda: { memoryMb: 1024, timeoutSeconds: 120, concurrencyWeight: 6 },
    load: async (deps) => (await import("./outbox/app.ts")).createOutbox(deps),
  },
  {
    name: "acme-validating",
    ports: ["table", "egress", "settings", "wakes"],
    batchSize: 5,
    // A name that answers slowly is asked three times, half a minute each.
    lambda: {
      memoryMb: 512,
      timeoutSeconds: 150,
      concurrencyWeight: 6,
      handler: "acme/validating-handler.ts",
    },
    load: async (deps) => (await import("./acme/validating.ts")).createValidating(deps),
  },
  {
    name: "projections",
    ports: ["table", "blob", "public", "wakes"],
    batchSize: 10,
    lambda: { memoryMb: 512, timeoutSeconds: 60, concurrencyWeight: 6 },
    load: async (deps) => (await import("./projections/app.ts")).createProjections(deps),
  },
];

export const scheduledFunctions: readonly ScheduledFunction[] = [
  {
    name: "clock",
    everySeconds: 60,
    ports: ["table", "directory-write", "directory-list", "blob", "signer", "settings", "wakes"],
    lambda: { memoryMb: 1024, timeoutSeconds: 120, concurrencyWeight: 1 },
    load: async (deps) => (await import("./clock/app.ts")).createDuties(deps),
  },
];

export const awsFunctions: readonly AwsFunction[] = [
  {
    name: "signer",
    trigger: "invoke",
    ports: [], // its keys, its journal and its bucket are nobody else's: the keys stack grants them
    lambda: { memoryMb: 1024, timeoutSeconds: 20, concurrencyWeight: 15 },
  },
  {
    name: "signer-check",
    trigger: "invoke", // by a deployment, before a new signer gets traffic
    ports: [],
    lambda: { memoryMb: 256, timeoutSeconds: 60, concurrencyWeight: 1 },
  },
  {
    name: "restore-check",
    trigger: "invoke", // by the restore drill's state machine
    ports: [], // a copy of all tenants, and nothing that lives: the workflows stack grants it
    lambda: { memoryMb: 3008, timeoutSeconds: 900, concurrencyWeight: 1 },
  },
  {
    name: "router",
    trigger: "stream",
    ports: ["wakes"],
    lambda: { memoryMb: 256, timeoutSeconds: 30, concurrencyWeight: 6 },
  },
  {
    name: "canary",
    trigger: "invoke", // by the schedule of the observability stack, where there is one
    ports: ["settings", "credential"],
    lambda: { memoryMb: 256, timeoutSeconds: 60, concurrencyWeight: 1 },
  },
];

export interface LambdaFunction extends LambdaSettings {
  readonly name: string;
  /** Below functions/. */
  readonly handler: string;
  readonly ports: HttpFunction["ports"];
  readonly trigger:
    | { readonly kind: "rest-api" | "http-api"; readonly paths: readonly string[] }
    | { readonly kind: "queue"; readonly batchSize: number }
    | { readonly kind: "schedule"; readonly everySeconds: number }
    | { readonly kind: "stream"; readonly filters: readonly object[] }
    | { readonly kind: "invoke" };
}

/** All that run on AWS, with what asks them. */
export const lambdaFunctions: readonly LambdaFunction[] = [
  ...httpFunctions.map((entry) =>
    onAws(entry, entry.trigger === "invoke" ? { kind: "invoke" } : { kind: entry.trigger, paths: entry.paths }),
  ),
  ...wakeFunctions.map((entry) => onAws(entry, { kind: "queue", batchSize: entry.batchSize })),
  ...scheduledFunctions.map((entry) => onAws(entry, { kind: "schedule", everySeconds: entry.everySeconds })),
  ...awsFunctions.map((entry) =>
    onAws(entry, entry.trigger === "stream" ? { kind: "stream", filters: streamFilters } : { kind: "invoke" }),
  ),
];

function onAws(
  { name, ports, lambda }: Pick<AwsFunction, "name" | "ports" | "lambda">,
  trigger: LambdaFunction["trigger"],
): LambdaFunction {
  return { name, ports, trigger, ...lambda, handler: lambda.handler ?? `${name}/handler.ts` };
}

/** On AWS a bucket behind the edge has what these answer with. */
export const localFunctions: readonly Answering[] = [
  {
    name: "console",
    listeners: ["api"],
    paths: ["/"],
    concurrency: 64,
    load: async (deps) => (await import("./console/app.ts")).createConsole(deps),
  },
];
