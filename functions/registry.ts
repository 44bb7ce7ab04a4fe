/** Every function, one line each; the host on one machine and the CDK app read this, a handler never does. */
import type { HttpFunction, ScheduledFunction, WakeFunction } from "./function.ts";

export const httpFunctions: readonly HttpFunction[] = [
  {
    name: "api",
    listeners: ["api"],
    paths: ["/"],
    ports: ["table", "directory", "blob", "signer", "limiter"],
    concurrency: 512,
    load: async (deps) => (await import("./api/app.ts")).createApi(deps),
  },
  {
    name: "est",
    protocol: "est",
    listeners: ["api", "mtls"],
    paths: ["/.well-known/est/"],
    ports: ["table", "directory", "signer", "limiter"],
    concurrency: 256,
    load: async (deps) => (await import("./est/app.ts")).createEst(deps),
  },
  {
    name: "revocation",
    listeners: ["revocation"],
    paths: ["/"],
    ports: ["table", "directory", "blob", "signer"],
    concurrency: 1024,
    load: async (deps) => (await import("./revocation/app.ts")).createRevocationApp(deps),
  },
  {
    name: "acme",
    protocol: "acme",
    listeners: ["api"],
    paths: ["/acme/", "/directory"],
    ports: ["table", "directory", "blob", "signer", "limiter", "egress"],
    concurrency: 256,
    load: async (deps) => (await import("./acme/app.ts")).createAcmeServer(deps),
  },
  {
    name: "admin",
    listeners: ["admin"],
    paths: ["/"],
    ports: ["table", "directory", "signer"],
    concurrency: 8,
    load: async (deps) => (await import("./admin/app.ts")).createAdminApp(deps),
  },
  {
    name: "scep",
    protocol: "scep",
    listeners: ["api", "revocation"], // RFC 8894 4.1: its own messages are protected, so HTTP will do
    paths: ["/scep"],
    ports: ["table", "directory", "blob", "signer", "limiter"],
    concurrency: 128,
    load: async (deps) => (await import("./scep/app.ts")).createScep(deps),
  },
  {
    name: "cmp",
    protocol: "cmp",
    listeners: ["api", "revocation"],
    paths: ["/.well-known/cmp"],
    ports: ["table", "directory", "blob", "signer", "limiter"],
    concurrency: 128,
    load: async (deps) => (await import("./cmp/app.ts")).createCmp(deps),
  },
];

export const wakeFunctions: readonly WakeFunction[] = [
  {
    name: "outbox",
    ports: ["table", "directory", "blob", "signer"],
    load: async (deps) => (await import("./outbox/app.ts")).createOutbox(deps),
  },
  {
    name: "acme-validating",
    ports: ["table", "egress"],
    load: async (deps) => (await import("./acme/validating.ts")).createValidating(deps),
  },
  {
    name: "projections",
    ports: ["table"],
    load: async (deps) => (await import("./projections/app.ts")).createProjections(deps),
  },
];

export const scheduledFunctions: readonly ScheduledFunction[] = [
  {
    name: "clock",
    everySeconds: 60,
    ports: ["table", "directory", "blob", "signer"],
    load: async (deps) => (await import("./clock/app.ts")).createDuties(deps),
  },
];
