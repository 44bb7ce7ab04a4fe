/**
 * One schema for each process, read once at start from `TRSTCTL_*` (I10): all problems together, unknown names refused. A schema may
 * name what the platform says too, such as `AWS_REGION`.
 */
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

/** What one field alone cannot tell. It sees the fields that are right by themselves, and says every problem it finds. */
export type ConfigCheck<C> = (config: Partial<C>) => readonly string[];

/**
 * @param schema its keys are environment names
 * @param others names that belong to sibling processes started from the same environment
 * @throws Failure `misconfigured` naming every problem, those of the checks among them
 */
export function loadConfig<S extends z.ZodObject>(
  schema: S,
  environment: Environment,
  others: readonly string[] = [],
  checks: readonly ConfigCheck<z.output<S>>[] = [],
): z.output<S> {
  const given = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) =>
        (name.startsWith("TRSTCTL_") || Object.hasOwn(schema.shape, name)) && value !== undefined && value !== "",
    ),
  );
  const known = new Set([...Object.keys(schema.shape), ...others, ...shared]);
  const problems = Object.keys(given)
    .filter((name) => !known.has(name))
    .map((name) => `${name}: not a setting; known are ${Object.keys(schema.shape).join(", ")}`);
  const parsed = schema.safeParse(given);
  if (!parsed.success)
    problems.push(...parsed.error.issues.map((issue) => `${issue.path.join(".") || "settings"}: ${issue.message}`));
  const config = parsed.success ? parsed.data : soundFields(schema, given);
  problems.push(...checks.flatMap((check) => check(config)));
  if (!parsed.success || problems.length > 0)
    throw new Failure("misconfigured", `the configuration is refused:\n${problems.map((p) => `  - ${p}`).join("\n")}`);
  return parsed.data;
}

function soundFields<S extends z.ZodObject>(schema: S, given: Environment): Partial<z.output<S>> {
  const sound = Object.entries(schema.shape).flatMap(([name, field]) => {
    const parsed = (field as z.ZodType).safeParse(given[name]);
    return parsed.success ? [[name, parsed.data] as const] : [];
  });
  return Object.fromEntries(sound) as Partial<z.output<S>>;
}
