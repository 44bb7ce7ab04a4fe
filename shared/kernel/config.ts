/** One schema for each process, read once at start from `TRSTCTL_*` (I10): all problems together, unknown names refused. */
import type * as z from "zod";
import { Failure } from "./failure.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names that configure the toolchain or the CLI rather than a process; no schema knows them, no schema refuses them. */
const shared = new Set([
  "TRSTCTL_RUNTIME_VERIFIED",
  "TRSTCTL_PROFILE",
  "TRSTCTL_URL",
  "TRSTCTL_TOKEN",
  "TRSTCTL_CA_FILE",
]);

/**
 * @param schema its keys are environment names
 * @param others names that belong to sibling processes started from the same environment
 * @throws Failure `misconfigured` naming every problem
 */
export function loadConfig<S extends z.ZodObject>(
  schema: S,
  environment: Environment,
  others: readonly string[] = [],
): z.output<S> {
  const given = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) => name.startsWith("TRSTCTL_") && value !== undefined && value !== "",
    ),
  );
  const known = new Set([...Object.keys(schema.shape), ...others, ...shared]);
  const problems = Object.keys(given)
    .filter((name) => !known.has(name))
    .map((name) => `${name}: not a setting; known are ${Object.keys(schema.shape).join(", ")}`);
  const parsed = schema.safeParse(given);
  if (!parsed.success)
    problems.push(...parsed.error.issues.map((issue) => `${issue.path.join(".") || "settings"}: ${issue.message}`));
  if (!parsed.success || problems.length > 0)
    throw new Failure("misconfigured", `the configuration is refused:\n${problems.map((p) => `  - ${p}`).join("\n")}`);
  return parsed.data;
}
