import { describe, expect, test } from "vitest";
import { askKnownAnswer } from "#shared/adapters/aws/signer-check";
import { signerMessage } from "#shared/adapters/aws/signer-wire";
import { checkBeforeTraffic } from "./app.ts";

const event = { DeploymentId: "d-1", LifecycleEventHookExecutionId: "e-1" };

/** Lambda, with a signer behind it that answers so. */
const lambda = (answer: { readonly header?: object; readonly error?: string }) => ({
  send: async () => ({
    FunctionError: answer.error,
    Payload: Buffer.from(JSON.stringify(answer.header === undefined ? {} : signerMessage({ header: answer.header }))),
  }),
});

async function statusOf(client: unknown): Promise<readonly string[]> {
  const said: string[] = [];
  await checkBeforeTraffic(event, {
    ask: async () => askKnownAnswer({ version: "arn:v7", client: client as never }),
    tell: async ({ deploymentId, lifecycleEventHookExecutionId }, status) =>
      void said.push(`${deploymentId} ${lifecycleEventHookExecutionId} ${status}`),
    report: (level, message) => void said.push(`${level}: ${message}`),
  });
  return said;
}

describe("a version of the signer gets traffic", () => {
  test("when it shows what is known", async () => {
    const shown = ["SHA-256", "P-256 wrapped, opened, signed, verified"];
    expect(await statusOf(lambda({ header: { ok: true, shown } }))).toEqual([
      "info: known answers: SHA-256; P-256 wrapped, opened, signed, verified",
      "d-1 e-1 Succeeded",
    ]);
  });

  test.each([
    [
      { header: { ok: false, code: "internal", detail: "known-answer check: SHA-256 is wrong" } },
      "arn:v7 refuses: known-answer check: SHA-256 is wrong",
    ],
    [{ header: { ok: true, shown: [] } }, "arn:v7 shows nothing: it is no version that knows the check"],
    [{ header: { ok: true } }, "arn:v7 shows nothing: it is no version that knows the check"],
    [{ error: "Unhandled" }, "arn:v7 ended without an answer; its log says why"],
    [{}, "a call of the signer is {header, payload, gzip}: header is no object"],
  ])("and not when %j", async (answer, why) => {
    expect(await statusOf(lambda(answer))).toEqual([`error: ${why}`, "d-1 e-1 Failed"]);
  });

  test("and nothing is asked for an event that is not CodeDeploy's", async () => {
    const never = () => Promise.reject(new Error("asked"));
    await expect(
      checkBeforeTraffic({ header: {} }, { ask: never, tell: never, report: () => undefined }),
    ).rejects.toThrow("DeploymentId");
  });
});
