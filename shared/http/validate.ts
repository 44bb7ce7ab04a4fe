import type * as z from "zod";
import { Failure } from "#shared/kernel/failure";

/** A field's name as a message may repeat it: what is no name may be a value in the wrong place, and that a secret. */
export const shownName = (name: string): string => (/^[\w.:@-]{1,40}$/.test(name) ? name : "(a name that is none)");

/** Checks one part of a request by its schema. @throws Failure `invalid_field` naming the first field and listing all */
export function validate<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const path = issue.path.map((name) => shownName(String(name))).join(".");
    if (issue.code !== "unrecognized_keys") return { field: path, problem: `${path}: ${issue.message}` };
    const names = issue.keys.map(shownName);
    return {
      field: path === "" ? (names[0] ?? "") : `${path}.${names[0]}`,
      problem: `${names.join(", ")}: not known here`,
    };
  });
  throw new Failure("invalid_field", problems.map(({ problem }) => problem).join("; "), {
    field: problems[0]?.field ?? "",
    extensions: { problems: problems.map(({ problem }) => problem) },
  });
}
