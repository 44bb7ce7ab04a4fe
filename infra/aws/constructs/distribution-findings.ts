/** What cdk-nag says of distributions that is meant to be. */
import type { Distribution } from "aws-cdk-lib/aws-cloudfront";
import { acknowledge } from "../acknowledge.ts";

export interface DistributionChoices {
  /** Why there is no web ACL; undefined: there is one. */
  readonly noAcl?: string | undefined;
  /** Whether the distribution has a name of the operator's, and so a certificate and a choice of TLS versions. */
  readonly named: boolean;
}

export const noAclInMinimal =
  "The minimal profile has no web ACL, for its cost; the APIs throttle, and each function limits tenants.";

export function acknowledgeDistribution(distribution: Distribution, { noAcl, named }: DistributionChoices): void {
  acknowledge(distribution, "AwsSolutions-CFR1", "Who relies on certificates, and who enrols, is anywhere.");
  acknowledge(
    distribution,
    "AwsSolutions-CFR3",
    "Its logs want a bucket with ACLs; requests that reach a function are logged by its API, reads of stored objects by S3.",
  );
  if (noAcl !== undefined) acknowledge(distribution, "AwsSolutions-CFR2", noAcl);
  if (!named)
    acknowledge(
      distribution,
      "AwsSolutions-CFR4",
      "CloudFront's own name comes with CloudFront's own certificate and versions of TLS.",
    );
}
