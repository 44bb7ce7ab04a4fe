/** The files that start a process of their own; each calls the runtime guard first. cli/main.ts is reached through the bin. */
export const entryPoints = [
  "signer/main.ts",
  "infra/local/supervisor.ts",
  "infra/local/host.ts",
  "infra/aws/main.ts",
  "infra/aws/deploy/main.ts",
  "test/bench/main.ts",
  "test/fuzz/main.ts",
];
