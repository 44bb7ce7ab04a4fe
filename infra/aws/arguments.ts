/** The command line of `npm run synth` and `npm run deploy`: contexts, and the few words that each has beside them. */
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { ContextError } from "./context.ts";

export interface Given {
  readonly context: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
}

/**
 * @param words behind the script's name: `-c name=value` as often as needed, and the options
 * @throws ContextError for what is neither
 */
export function givenIn(words: readonly string[], options: ParseArgsOptionsConfig): Given {
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({
      args: [...words],
      options: { ...options, context: { type: "string", short: "c", multiple: true } },
    });
  } catch (error) {
    throw new ContextError((error as Error).message.replace(/\. To specify.*$/, ""), { cause: error });
  }
  const { context = [], ...values } = parsed.values;
  const pairs = (context as readonly string[]).map((pair) => {
    const at = pair.indexOf("=");
    if (at < 1) throw new ContextError(`-c ${pair}: expected name=value`);
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  return { context: Object.fromEntries(pairs), values: values as Given["values"] };
}
