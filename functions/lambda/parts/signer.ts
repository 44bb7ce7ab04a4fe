/** The signer's function, by Lambda Invoke: the only way to a private key (I5). */
import { lambdaSigner } from "#shared/adapters/aws/signer";
import type { Part } from "../deps.ts";
import { required } from "../shell.ts";

export const signer: Part = (shell) => ({
  signer: lambdaSigner({ functionName: required(shell, "TRSTCTL_SIGNER_FUNCTION") }),
});
