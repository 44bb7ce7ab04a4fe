/** What DNS and strangers' TLS servers say to validation. */
import { isDeepStrictEqual } from "node:util";
import { parseIssueValue, propertyProblem } from "#shared/usecases/validation/caa-property";
import { holds, type Target } from "../target.ts";

const issuance = { identities: ["ca.test"], accountUri: "https://ca.test/a/1", method: "http-01" };

export const issueValue: Target = {
  run(input) {
    const text = Buffer.from(input).toString("utf8");
    const { issuer, parameters } = parseIssueValue(text);
    const written = [issuer, ...parameters.map(({ tag, value }) => `${tag}=${value}`)].join(";");
    if (issuer !== "")
      holds(isDeepStrictEqual(parseIssueValue(written), { issuer, parameters }), "another value is written");
    if (propertyProblem(text, issuance) === undefined)
      holds(text.toLowerCase().includes("ca.test"), "lets a stranger issue");
  },
  refusals: [],
  seeds: () =>
    [
      "ca.test",
      "ca.test; accounturi=https://ca.test/a/1; validationmethods=http-01,dns-01",
      " ca.test ; a = b ; ",
      ";",
    ].map((text) => Buffer.from(text)),
  dictionary: [";", "=", " ", "ca.test", "accounturi", "validationmethods", "http-01"],
};
