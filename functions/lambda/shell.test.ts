import type { Context } from "aws-lambda";
import { afterEach, expect, it, vi } from "vitest";
import { lambda } from "./shell.ts";

const context = { functionName: "trstctl-echo", awsRequestId: "r", getRemainingTimeInMillis: () => 3000 } as Context;

afterEach(() => vi.unstubAllEnvs());

it("answers with what the function returns, nothing of what stands around it", async () => {
  vi.stubEnv("TRSTCTL_DEPLOYMENT", "trstctl");
  const handler = lambda<string, object>("echo", () =>
    Promise.resolve((event, { remainingMs }) => Promise.resolve({ event, ms: remainingMs() })),
  );
  expect(await handler("hello", context)).toEqual({ event: "hello", ms: 3000 });
});

it("starts again after a start that failed, and says so each time", async () => {
  vi.stubEnv("TRSTCTL_DEPLOYMENT", "trstctl");
  let starts = 0;
  const handler = lambda<undefined, number>("echo", () => {
    starts += 1;
    return starts < 3 ? Promise.reject(new Error(`start ${starts}`)) : Promise.resolve(() => Promise.resolve(starts));
  });
  await expect(handler(undefined, context)).rejects.toThrow("start 1");
  await expect(handler(undefined, context)).rejects.toThrow("start 2");
  expect(await handler(undefined, context)).toBe(3);
});
