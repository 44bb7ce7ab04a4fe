/**
 * The permissions boundary of a stack's roles: all that its functions may do together, and nothing else. A policy that
 * somebody attaches to one of the roles later gives it nothing beyond that.
 */
import { ManagedPolicy, PolicyDocument, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { acknowledge } from "../acknowledge.ts";
import type { Construct } from "constructs";

export class Boundary {
  readonly policy: ManagedPolicy;
  #everywhere = false;

  constructor(scope: Construct, managedPolicyName: string) {
    this.policy = new ManagedPolicy(scope, "Boundary", {
      managedPolicyName,
      description: "What roles of this stack may do at most",
      document: new PolicyDocument({ minimize: true }),
    });
  }

  allow(statements: readonly PolicyStatement[]): void {
    for (const statement of statements) {
      // One with an id is not merged with its like, and a managed policy has 6,144 characters.
      const { Sid: _, ...anonymous } = statement.toStatementJson() as Record<string, unknown>;
      this.policy.addStatements(PolicyStatement.fromJson(anonymous));
      if (statement.resources.includes("*")) this.#acknowledge();
    }
  }

  #acknowledge(): void {
    if (this.#everywhere) return;
    this.#everywhere = true;
    const reason =
      "Some actions know no resources (to send traces, to deliver logs, to sign in to a registry); a boundary gives none.";
    acknowledge(this.policy, "AwsSolutions-IAM5[Resource::*]", reason);
  }
}
