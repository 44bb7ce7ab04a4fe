import type * as z from "zod";
import { Failure } from "#shared/kernel/failure";

/** Checks one part of a request by its schema. @throws Failure `invalid_field` naming the first field and listing all */
export function validate<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const path = issue.path.join(".");
    return issue.code === "unrecognized_keys"
      ? { field: [...issue.path, issue.keys[0]].join("."), problem: `${issue.keys.join(", ")}: not known here` }
      : { field: path, problem: `${path}: ${issue.message}` };
  });
  throw new Failure("invalid_field", problems.map(({ problem }) => problem).join("; "), {
    field: problems[0]?.field ?? "",
    extensions: { problems: problems.map(({ problem }) => problem) },
  });
}
