/** What went wrong, in words for the person at the terminal; the exit code; the next step. */
import { Failure, failureCodes, type FailureCode } from "#shared/kernel/failure";
import { isRow, plain, type Row } from "./output.ts";

export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** The command line itself is wrong; nothing was sent. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws UsageError naming every problem, when there is one */
export function refuseProblems(problems: readonly string[]): void {
  if (problems.length === 1) throw new UsageError(problems[0]);
  if (problems.length > 1)
    throw new UsageError(`${problems.length} problems:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
}

/** What to do after the host refused, by the code it gave. */
export const nextSteps = {
  malformed: "look at what was sent: `--help` of the command lists its fields",
  invalid_field: "correct the field; `--help` of the command says what it takes",
  idempotency_key_missing: "use the CLI of the same version as the host",
  idempotency_mismatch: "leave --idempotency-key out, or repeat exactly the first request",
  idempotency_replayed: "look at the object: the request was carried out the first time",
  unauthenticated:
    "the token is unknown, expired or revoked: run `trstctl login`. Without a browser, on the host: `trstctl token create --tenant <id>`, then set TRSTCTL_URL and TRSTCTL_TOKEN",
  forbidden:
    "use a token with that permission: `trstctl access create-token` mints one, `trstctl access roles` lists who holds what",
  not_found: "check the id: the `list` command of the same group shows what this tenant has",
  method_not_allowed: "use the CLI of the same version as the host",
  not_acceptable_media: "use the CLI of the same version as the host",
  host_refused: "add the name to TRSTCTL_HOSTNAMES of the host, or use a name it answers to",
  conflict: "look at the object again with its `get` or `list` command, then repeat if it still makes sense",
  invalid_transition: "`trstctl identities get <id>` shows the status it is in",
  unprocessable: "correct what the field refers to, then repeat",
  too_large: "send less at once",
  rate_limited: "wait, then repeat",
  overloaded: "wait, then repeat",
  unavailable: "wait, then repeat; the host's log says what it waits for",
  guard_refused:
    "the signer holds to the issuer's limits (names, validity, tenant): `trstctl issuers get <id>` shows them",
  corrupt: "stop and run `trstctl audit verify`",
  misconfigured: "on the host run `trstctl config check`",
  internal: "the host's log has the cause under this trace id",
} as const satisfies Record<FailureCode, string>;

const codeOfStatus: Readonly<Record<number, FailureCode>> = {
  400: "malformed",
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  409: "conflict",
  413: "too_large",
  415: "not_acceptable_media",
  421: "host_refused",
  422: "unprocessable",
  429: "rate_limited",
  502: "unavailable",
  503: "unavailable",
  504: "unavailable",
};

const known = (code: unknown): code is FailureCode => (failureCodes as readonly unknown[]).includes(code);

/** Whole seconds of a `Retry-After` (RFC 9110 10.2.3); its date form is not used by the host. */
const retryAfter = (header: string | undefined): number | undefined =>
  header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) : undefined;

/** An answer that is not a success, as a failure: from its problem document (RFC 9457) or, without one, from its status. */
export function failureOfAnswer(answer: {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}): Failure {
  const problem = readObject(answer.body) ?? {};
  const byStatus = codeOfStatus[answer.status] ?? (answer.status >= 500 ? "internal" : "malformed");
  const code = known(problem["code"]) ? problem["code"] : byStatus;
  const detail =
    text(problem["detail"]) ??
    text(problem["title"]) ??
    `it answered with status ${answer.status} and no explanation; is this the trstctl API?`;
  const field = text(problem["field"]);
  const wait = retryAfter(String(answer.headers["retry-after"] ?? ""));
  const trace = text(problem["trace_id"]);
  return new Failure(code, `the host refused: ${detail}`, {
    ...(field === undefined ? {} : { field }),
    ...(wait === undefined ? {} : { retryAfter: wait }),
    extensions: { status: answer.status, ...(trace === undefined ? {} : { trace_id: trace }) },
  });
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** The members of a JSON object; undefined when the text is none. */
export function readObject(body: string): Row | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isRow(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `spec.max_validity` was given as `--spec`. */
function flagOf(field: string): string {
  const [first = "", ...inner] = field.split(".");
  return `--${first.replaceAll("_", "-")}${inner.length > 0 ? ` ${inner.join(".")}` : ""}`;
}

export interface Rendered {
  readonly message: string;
  readonly exitCode: number;
}

/** Never a stack trace, unless `verbose` asks for it. */
export function renderFailure(error: unknown, verbose = false): Rendered {
  const lines: string[] = [];
  if (error instanceof UsageError) return { message: `trstctl: ${plain(error.message)}`, exitCode: exitCodes.usage };
  if (error instanceof Failure) {
    lines.push(`trstctl: ${plain(error.message)}`);
    if (error.extensions?.["status"] !== undefined) {
      if (error.field !== undefined) lines.push(`  field  ${plain(flagOf(error.field))}`);
      lines.push(`  code   ${error.code} (HTTP ${String(error.extensions["status"])})`);
      if (error.extensions["trace_id"] !== undefined)
        lines.push(`  trace  ${plain(String(error.extensions["trace_id"]))}`);
      lines.push(
        `  next   ${error.retryAfter === undefined ? "" : `retry in ${error.retryAfter} s; `}${nextSteps[error.code]}`,
      );
    }
  } else {
    lines.push(
      `trstctl: a defect of this CLI: ${error instanceof Error ? plain(error.message) : "unknown"}${verbose ? "" : " (--verbose shows where)"}`,
    );
  }
  if (verbose && error instanceof Error)
    lines.push(
      error.stack ?? "",
      ...(error.cause instanceof Error ? [`caused by ${error.cause.stack ?? error.cause.message}`] : []),
    );
  return { message: lines.join("\n"), exitCode: exitCodes.failed };
}
