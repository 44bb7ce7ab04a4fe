import { defineConfig } from "vitest/config";

/** A busy machine is slow: a test that hangs is ended, no test is a stop watch. */
const everywhere = { allowOnly: false, environment: "node", testTimeout: 60_000, hookTimeout: 60_000 } as const;

/** The folder tells what a test costs: beside its source it shares nothing and runs unisolated, under test/ it may. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...everywhere,
          name: "unit",
          include: [
            "{shared,events,signer,functions,infra,bridge,agent,cli}/**/*.test.ts",
            "test/in-process/*.test.ts",
            "test/fuzz/*.test.ts",
            "test/bench/simulation/*.test.ts",
            "test/canary/*.test.ts",
          ],
          isolate: false,
        },
      },
      {
        test: {
          ...everywhere,
          name: "architecture",
          include: ["test/architecture/*.test.ts"],
          isolate: false,
        },
      },
      {
        test: {
          ...everywhere,
          name: "model",
          include: ["test/model/*.test.ts"],
          isolate: false,
        },
      },
      {
        test: {
          ...everywhere,
          name: "contract",
          include: ["test/{contract,cost}/**/*.test.ts"],
        },
      },
      {
        test: {
          ...everywhere,
          name: "isolation",
          include: ["test/isolation/*.test.ts", "test/isolation/iam/*.test.ts"],
          isolate: false,
        },
      },
      {
        test: {
          ...everywhere,
          name: "account", // `npm run test:isolation -- --account`
          include: ["test/isolation/account/*.test.ts"],
        },
      },
      {
        test: {
          ...everywhere,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...everywhere,
          name: "web",
          include: ["test/web/*.test.ts"],
          globalSetup: ["test/web/install-chromium.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...everywhere,
          name: "interop",
          include: ["test/interop/*.test.ts"],
          globalSetup: ["test/interop/install-tools.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          ...everywhere,
          name: "emulated",
          include: ["test/emulated/*.test.ts"],
          globalSetup: ["test/emulated/setup.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
