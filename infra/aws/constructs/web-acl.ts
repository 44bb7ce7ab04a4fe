/** What an address may ask in five minutes before it is turned away, at the edge. */
import { CfnWebACL } from "aws-cdk-lib/aws-wafv2";
import type { Construct } from "constructs";
import type { Deployment } from "../context.ts";
import { functionName } from "../names.ts";

interface RateRule {
  readonly name: string;
  /** Requests of one address in five minutes. */
  readonly limit: number;
  /** Only below this path. */
  readonly path?: string;
}

/** Enrolment proofs and sign-in are guessed at; the API is used by programs. */
const rates: readonly RateRule[] = [
  { name: "sign-in", limit: 100, path: "/auth/" },
  { name: "enrolment", limit: 1_000, path: "/.well-known/" },
  { name: "acme", limit: 1_000, path: "/acme/" },
  { name: "all", limit: 5_000 },
];

const metric = (name: string): CfnWebACL.VisibilityConfigProperty => ({
  cloudWatchMetricsEnabled: true,
  metricName: name,
  sampledRequestsEnabled: false,
});

const startsWith = (path: string): CfnWebACL.StatementProperty => ({
  byteMatchStatement: {
    fieldToMatch: { uriPath: {} },
    positionalConstraint: "STARTS_WITH",
    searchString: path,
    textTransformations: [{ priority: 0, type: "NONE" }],
  },
});

/** Only in us-east-1: CloudFront takes none from elsewhere. */
export const edgeWebAcl = (scope: Construct, id: string, deployment: Deployment): CfnWebACL =>
  new CfnWebACL(scope, id, {
    name: functionName(deployment, "edge"),
    scope: "CLOUDFRONT",
    defaultAction: { allow: {} },
    visibilityConfig: metric(functionName(deployment, "edge")),
    rules: [
      ...rates.map(
        ({ name, limit, path }, priority): CfnWebACL.RuleProperty => ({
          name,
          priority,
          action: { block: { customResponse: { responseCode: 429 } } },
          statement: {
            rateBasedStatement: {
              aggregateKeyType: "IP",
              evaluationWindowSec: 300,
              limit,
              ...(path !== undefined && { scopeDownStatement: startsWith(path) }),
            },
          },
          visibilityConfig: metric(`${functionName(deployment, "edge")}-${name}`),
        }),
      ),
      {
        name: "reputation",
        priority: rates.length,
        overrideAction: { none: {} },
        statement: { managedRuleGroupStatement: { vendorName: "AWS", name: "AWSManagedRulesAmazonIpReputationList" } },
        visibilityConfig: metric(`${functionName(deployment, "edge")}-reputation`),
      },
    ],
  });
