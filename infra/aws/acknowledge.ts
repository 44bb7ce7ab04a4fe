/**
 * Findings of cdk-nag that are meant to be, each with the reason, beside what it is about. All of them stand in
 * `nag/acknowledged.txt`, which a test compares: one more is seen in review, one that no longer finds anything fails.
 */
import { Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** @param id as cdk-nag prints it, without the pack in front: `AwsSolutions-IAM4[Policy::…]` */
export function acknowledge(construct: IConstruct, id: string, reason: string): void {
  const pack = id.slice(0, id.indexOf("-"));
  Validations.of(construct).acknowledge({ id: `${pack}::${id}`, reason });
}
