import { describe, expect, test } from "vitest";
import { Failure, type FailureCode, failureCodes } from "#shared/kernel/failure";
import { problemResponse } from "./problem.ts";

/** By hand, so that a change is meant. */
const statuses: Readonly<Record<FailureCode, number>> = {
  malformed: 400,
  invalid_field: 400,
  idempotency_key_missing: 400,
  idempotency_mismatch: 422,
  idempotency_replayed: 409,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable_media: 415,
  host_refused: 421,
  conflict: 409,
  invalid_transition: 409,
  unprocessable: 422,
  too_large: 413,
  rate_limited: 429,
  overloaded: 503,
  unavailable: 503,
  guard_refused: 422,
  corrupt: 500,
  misconfigured: 500,
  internal: 500,
};

const trace = "0".repeat(31).concat("1");
const bodyOf = async (error: unknown) => (await problemResponse(error, trace).json()) as Record<string, unknown>;

test.each(failureCodes)("%s has a status, a title and a type of its own", async (code) => {
  const response = problemResponse(new Failure(code, "what to do"), trace);
  const body = (await response.json()) as Record<string, unknown>;
  expect(response.status).toBe(statuses[code]);
  expect(body).toMatchObject({ type: `urn:trstctl:problem:${code}`, code, status: response.status, trace_id: trace });
  expect(body["title"]).not.toBe("Error");
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("cache-control")).toBe("no-store");
});

describe("what is said", () => {
  test("to a request that was wrong: everything", async () => {
    const error = new Failure("invalid_transition", "not from here", {
      field: "to",
      extensions: { from: "requested", to: "retired" },
    });
    expect(await bodyOf(error)).toMatchObject({
      detail: "not from here",
      field: "to",
      from: "requested",
      to: "retired",
    });
  });

  test("of ourselves: nothing", async () => {
    for (const error of [
      new TypeError("password=hunter2"),
      "hunter2",
      undefined,
      new Failure("internal", "hunter2"),
      new Failure("corrupt", "hunter2 in /var/lib"),
      new Failure("misconfigured", "hunter2"),
      new Failure("unavailable", "try again", { cause: new Error("hunter2") }),
    ])
      expect(JSON.stringify(await bodyOf(error))).not.toContain("hunter2");
    expect((await bodyOf(new TypeError("x")))["code"]).toBe("internal");
  });

  test("an extension never shadows a member of the standard (RFC 9457 3.2)", async () => {
    const error = new Failure("conflict", "right", {
      extensions: { type: "x", title: "x", status: 200, detail: "x", code: "x", trace_id: "x" },
    });
    expect(await bodyOf(error)).toMatchObject({
      type: "urn:trstctl:problem:conflict",
      title: "Conflict",
      status: 409,
      detail: "right",
      code: "conflict",
      trace_id: trace,
    });
  });

  test("when to come back", () => {
    const after = (error: Failure) => problemResponse(error, trace).headers.get("retry-after");
    expect(after(new Failure("rate_limited", "", { retryAfter: 7 }))).toBe("7");
    expect(after(new Failure("rate_limited", "", { retryAfter: 0.2 }))).toBe("1");
    expect(after(new Failure("overloaded", ""))).toBe("1");
    expect(after(new Failure("unavailable", ""))).toBe("1");
    expect(after(new Failure("not_found", ""))).toBeNull();
  });

  test("how to authenticate", () => {
    expect(problemResponse(new Failure("unauthenticated", ""), trace).headers.get("www-authenticate")).toContain(
      "Bearer",
    );
    expect(problemResponse(new Failure("forbidden", ""), trace).headers.get("www-authenticate")).toBeNull();
  });
});
