/** What the profiles differ in, one row each. */
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Profile } from "./context.ts";

export interface ProfileSettings {
  readonly logRetention: RetentionDays;
  /** How long a version of a blob cannot be deleted: under `COMPLIANCE` by nobody at all. */
  readonly objectLock: { readonly mode: "GOVERNANCE" | "COMPLIANCE"; readonly days: number };
  /** Days back to which a table can be restored to any second (1 to 35). */
  readonly recoveryDays: number;
  /** Whether CloudFormation may change the policy of a CA key, or the break-glass role alone. */
  readonly deployMayChangeKeyPolicies: boolean;
}

export const profiles: Readonly<Record<Profile, ProfileSettings>> = {
  minimal: {
    logRetention: RetentionDays.ONE_MONTH,
    objectLock: { mode: "GOVERNANCE", days: 30 },
    recoveryDays: 35,
    deployMayChangeKeyPolicies: true,
  },
  standard: {
    logRetention: RetentionDays.THREE_MONTHS,
    objectLock: { mode: "GOVERNANCE", days: 90 },
    recoveryDays: 35,
    deployMayChangeKeyPolicies: true,
  },
  regulated: {
    logRetention: RetentionDays.THIRTEEN_MONTHS,
    objectLock: { mode: "COMPLIANCE", days: 400 },
    recoveryDays: 35,
    deployMayChangeKeyPolicies: false,
  },
};
