import { expect, test, vi } from "vitest";
import { Failure } from "#shared/kernel/failure";
import { loggerOf, reportTo } from "./log.ts";
import { createMetrics } from "./metrics.ts";

/** What was written to the log while `work` ran. */
function written(work: () => void): Record<string, unknown>[] {
  const lines: string[] = [];
  // The logger has a console of its own over these.
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, "write").mockImplementation((line) => (lines.push(String(line)), true)),
  );
  work();
  for (const spy of spies) spy.mockRestore();
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("of what a report is told only named fields are written", () => {
  const report = reportTo(loggerOf("outbox"));
  const secret = "trst_planted_secret";
  const [line] = written(() =>
    report(new Failure("unavailable", "the store is away", { cause: new Error("ECONNRESET") }), {
      function: "elsewhere",
      tenant: "acme",
      duty: "sweep",
      attempts: 3,
      payload: { token: secret },
      headers: { authorization: secret },
      body: secret,
      id: { nested: secret },
    }),
  );
  expect(line).toMatchObject({
    level: "error",
    function: "outbox",
    message: "the store is away",
    code: "unavailable",
    cause: "ECONNRESET",
    tenant: "acme",
    duty: "sweep",
    attempts: 3,
  });
  expect(JSON.stringify(line)).not.toContain(secret);
});

test("a defect comes with its stack, anything that was thrown with its words", () => {
  const report = reportTo(loggerOf("api"));
  const lines = written(() => {
    report(new TypeError("x is undefined"), {});
    report("just text", {});
  });
  expect(String(lines[0]?.["message"])).toContain("log.test.ts");
  expect(lines[0]?.["code"]).toBe("defect");
  expect(lines[1]?.["message"]).toBe("just text");
});

test("metrics are lines in CloudWatch's embedded format, written when the invocation ends", () => {
  const lines: string[] = [];
  const metrics = createMetrics("api", (line) => lines.push(line));
  metrics.add("answers", "Count", 1, { status: "2xx" });
  metrics.add("revocation_overdue", "Count", 0);
  expect(lines).toEqual([]);
  metrics.flush();
  metrics.flush();
  const [answers, overdue] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toHaveLength(2);
  expect(answers).toMatchObject({
    function: "api",
    status: "2xx",
    answers: 1,
    _aws: {
      CloudWatchMetrics: [
        { Namespace: "trstctl", Dimensions: [["function", "status"]], Metrics: [{ Name: "answers", Unit: "Count" }] },
      ],
    },
  });
  expect(overdue).toMatchObject({ function: "api", revocation_overdue: 0 });
});
