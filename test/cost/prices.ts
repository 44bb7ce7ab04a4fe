/**
 * List prices of us-east-1 in US dollars, as of July 2026 or before (see docs/cost.md for the sources). Free tiers that end or
 * that an account shares among its products are left out.
 */
export const prices = {
  restRequest: 3.5e-6,
  httpApiRequest: 1.0e-6,
  cloudFrontHttps: 1.0e-6,
  cloudFrontHttp: 0.75e-6,
  cloudFrontGb: 0.085,
  lambdaGbSecond: 0.0000133334, // arm64
  lambdaRequest: 0.2e-6,
  dynamoWrite: 0.625e-6,
  dynamoRead: 0.125e-6,
  dynamoGbMonth: 0.25,
  sqsRequest: 0.4e-6,
  kmsEcc: 15e-6,
  kmsRsa2048: 3e-6,
  kmsKeyMonth: 1,
  logGb: 0.5,
  xrayTrace: 5e-6,
  alarmMonth: 0.1,
  dashboardMonth: 3,
  webAclMonth: 5,
  wafRuleMonth: 1,
  canaryRun: 0.0012,
} as const;

/** What others cost for a month, by certificates issued in it. */
export const alternatives: Readonly<Record<string, (certificates: number) => number>> = {
  "AWS Private CA, general purpose (root and issuing CA)": (n) =>
    800 + 0.75 * Math.min(n, 1_000) + 0.35 * clamp(n - 1_000, 9_000) + 0.001 * Math.max(0, n - 10_000),
  "AWS Private CA, short-lived mode": (n) => 50 + 0.058 * n,
  "step-ca on two t4g.small, ALB, Multi-AZ database": () => 130,
  "Vault or OpenBao, three t4g.medium, NLB": () => 125,
};

const clamp = (n: number, most: number): number => Math.min(Math.max(0, n), most);
