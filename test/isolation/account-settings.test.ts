import { expect, test } from "vitest";
import { accountSettings } from "./account/settings.ts";

const complete = {
  AWS_REGION: "eu-central-1",
  TRSTCTL_CORE_TABLE: "trstctl-core",
  TRSTCTL_DIRECTORY_TABLE: "trstctl-directory",
  TRSTCTL_JOURNAL_TABLE: "trstctl-journal",
  TRSTCTL_TENANT_ROLE_ARN: "arn:aws:iam::111122223333:role/copy",
};

test("the suite for an account names each variable that it lacks, and runs without none of them", () => {
  expect(accountSettings(complete).account).toBe("111122223333");
  for (const name of Object.keys(complete)) {
    expect(() => accountSettings({ ...complete, [name]: undefined })).toThrow(`  ${name}: `);
    expect(() => accountSettings({ ...complete, [name]: "" })).toThrow(`  ${name}: `);
  }
  expect(() => accountSettings({})).toThrow(/AWS_REGION[^]*CORE[^]*DIRECTORY[^]*JOURNAL[^]*ROLE_ARN/);
  expect(() => accountSettings({ ...complete, TRSTCTL_TENANT_ROLE_ARN: "copy" })).toThrow("not the ARN of a role");
});
