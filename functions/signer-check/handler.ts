/** Lambda shell of the signer's check, for CodeDeploy alone. Its one setting is the version that it is deployed with. */
import middy from "@middy/core";
import { askKnownAnswer, tellCodeDeploy } from "#shared/adapters/aws/signer-check";
import { Failure } from "#shared/kernel/failure";
import { checkBeforeTraffic } from "./app.ts";

const report = (level: "info" | "error", message: string): void =>
  void process.stdout.write(`${JSON.stringify({ level, function: "signer-check", message })}\n`);

export const handler = middy<unknown, void>().handler((event) =>
  checkBeforeTraffic(event, {
    ask: async () => {
      const version = process.env["TRSTCTL_SIGNER_VERSION"];
      if (version === undefined)
        throw new Failure("misconfigured", "TRSTCTL_SIGNER_VERSION: which version is to be asked?");
      return askKnownAnswer({ version });
    },
    tell: (hook, status) => tellCodeDeploy(hook, status),
    report,
  }),
);
