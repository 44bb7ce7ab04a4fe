/** The signer as a function: a call in, an answer out (`shared/adapters/aws/signer-wire.ts`). Only those methods, and a check. */
import {
  maxLambdaTbsBytes,
  readSignerMessage,
  type SignerMessage,
  signerMessage,
} from "#shared/adapters/aws/signer-wire";
import { Failure } from "#shared/kernel/failure";
import { answer } from "#signer/methods";
import type { SignerService } from "#signer/service";

export interface SignerFunction {
  readonly service: SignerService;
  /** What a deploy asks of it before it gets traffic. */
  readonly knownAnswer: () => Promise<readonly string[]>;
}

const maxTbs = {
  bytes: maxLambdaTbsBytes,
  way: ": that much fits in an answer of Lambda. Give the issuer more CRL shards",
};

const refusal = ({ code, message, retryAfter }: Failure): SignerMessage =>
  signerMessage({ header: { ok: false, code, detail: message, retryAfter } });

const asFailure = (error: unknown): Failure =>
  error instanceof Failure ? error : new Failure("internal", "the signer failed; see its log", { cause: error });

/** @param event anything: what it says is checked before anything is done */
export async function serveCall(
  event: unknown,
  open: () => Promise<SignerFunction>,
  report: (error: unknown) => void,
): Promise<SignerMessage> {
  try {
    const frame = readSignerMessage(event);
    const { service, knownAnswer } = await open();
    if (frame.header["method"] === "known-answer")
      return signerMessage({ header: { ok: true, shown: await knownAnswer() } });
    return signerMessage(await answer(service, frame, maxTbs));
  } catch (error) {
    if (!(error instanceof Failure) || error.code === "misconfigured" || error.code === "corrupt") report(error);
    return refusal(asFailure(error));
  }
}
