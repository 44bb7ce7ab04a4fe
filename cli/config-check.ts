/** `trstctl config check`: what the host would run with, without starting it. */
import type * as z from "zod";
import { hostConfig } from "#shared/contracts/config/host";
import { signInProblems } from "#shared/adapters/local/sign-in-file";
import { type ConfigCheck, loadConfig, type Environment } from "#shared/kernel/config";
import { table, type Row } from "./output.ts";
import type { Terminal } from "./terminal.ts";
import type { View } from "./view.ts";

export interface Setting {
  readonly setting: string;
  readonly value: unknown;
  readonly from: "environment" | "default" | "unset";
  readonly meaning: string;
}

/** Wrappers (`optional`, `default`, `pipe`) may lie around the schema that carries the mark. */
function metaOf(schema: z.ZodType): Row {
  const inner = schema.def as { readonly innerType?: z.ZodType; readonly in?: z.ZodType };
  const below = inner.innerType ?? inner.in;
  return { ...(below === undefined ? {} : metaOf(below)), ...schema.meta() };
}

/** @throws Failure `misconfigured` naming every problem */
export function effectiveSettings<S extends z.ZodObject>(
  schema: S,
  environment: Environment,
  checks: readonly ConfigCheck<z.output<S>>[] = [],
): readonly Setting[] {
  const values = loadConfig(schema, environment, [], checks);
  return Object.entries(schema.shape).map(([setting, field]) => {
    const meta = metaOf(field as z.ZodType);
    const value: unknown = values[setting as keyof typeof values];
    const given = (environment[setting] ?? "") !== "";
    return {
      setting,
      value: meta["secret"] === true && value !== undefined ? "[secret]" : (value ?? null),
      from: given ? "environment" : value === undefined ? "unset" : "default",
      meaning: typeof meta["description"] === "string" ? meta["description"] : "",
    };
  });
}

export function showConfig(view: View, terminal: Terminal): void {
  const settings = effectiveSettings(hostConfig, terminal.environment, [signInProblems]);
  const text = view.text(Object.fromEntries(settings.map(({ setting, value }) => [setting, value])));
  terminal.out(text ?? table(settings as unknown as readonly Row[], ["setting", "value", "from", "meaning"]));
}
