/** What every function has around it: its settings, its log, its measures, and a start that is tried again when it failed. */
import type { Logger } from "@aws-lambda-powertools/logger";
import middy, { type MiddlewareObj } from "@middy/core";
import type { Context } from "aws-lambda";
import { type LambdaConfig, lambdaConfig } from "#shared/contracts/config/aws";
import { loadConfig } from "#shared/kernel/config";
import { Failure } from "#shared/kernel/failure";
import { loggerOf, type Report, reportTo } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";

export interface Shell {
  /** Of the function in the registry. */
  readonly name: string;
  readonly config: LambdaConfig;
  readonly report: Report;
  /** Written when the invocation ends. */
  readonly metrics: Metrics;
}

export interface Invocation {
  /** Milliseconds until Lambda ends it. */
  remainingMs(): number;
}

/**
 * @param start once for each execution environment, at its cold start, where the CPU is not billed by memory
 * @param unstarted answers where somebody waits who is to be told why nothing runs; otherwise the invocation fails
 * @returns the Lambda handler
 */
export function lambda<E, R>(
  name: string,
  start: (shell: Shell) => Promise<(event: E, invocation: Invocation) => Promise<R>>,
  unstarted?: (event: E, error: unknown) => Promise<R>,
) {
  const logger = loggerOf(name);
  const metrics = createMetrics(name, (line) => void process.stdout.write(`${line}\n`));
  const open = async () => {
    const config = loadConfig(lambdaConfig, process.env, ["TRSTCTL_FUNCTION"]);
    return start({ name, config, report: reportTo(logger), metrics });
  };
  let starting = open();
  starting.catch(() => undefined); // whoever is served first hears of it
  const serve = async (event: E, context: Context): Promise<R> => {
    let run: Awaited<typeof starting>;
    try {
      run = await starting;
    } catch (error) {
      starting = open(); // what was out for a moment, or has been deployed since
      starting.catch(() => undefined);
      if (unstarted === undefined) throw error;
      reportTo(logger)(error, { operation: "start" });
      return unstarted(event, error);
    }
    return run(event, { remainingMs: () => context.getRemainingTimeInMillis() });
  };
  return middy<E, R>()
    .use(observed(logger, metrics))
    .handler((event, context) => serve(event, context));
}

/** Lines say which invocation they are of; what was measured is written before the environment freezes. */
const observed = (logger: Logger, metrics: Metrics): MiddlewareObj<unknown, unknown> => ({
  // What a hook returns would be the function's answer.
  before({ context }) {
    logger.addContext(context);
  },
  after() {
    metrics.flush();
  },
  onError({ error }) {
    reportTo(logger)(error, {});
    metrics.flush();
  },
});

/** Powertools would write a warning for each invocation that measured nothing. */
/** @throws Failure `misconfigured` */
export function required<N extends keyof LambdaConfig>(
  { name, config }: Shell,
  setting: N,
): NonNullable<LambdaConfig[N]> {
  const value = config[setting];
  if (value === undefined)
    throw new Failure("misconfigured", `function ${name} needs ${setting}: deploy the stacks of one version`);
  return value;
}
