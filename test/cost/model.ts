/** From counts to dollars. Durations and log lines are assumptions (nothing here was measured on AWS); all else is counted. */
import type { Measured, Operation } from "./measure.ts";
import { prices } from "./prices.ts";

/** Billed milliseconds, warm, and megabytes of memory: a call of DynamoDB takes 3 to 8 ms, one of KMS 20 to 30. */
export const assumed = {
  functions: {
    api: { ms: 100, mb: 1024 },
    acme: { ms: 45, mb: 1024 },
    revocation: { ms: 40, mb: 1024 },
    signer: { ms: 45, mb: 1024 },
    projections: { ms: 70, mb: 512 },
    outbox: { ms: 200, mb: 1024 },
    "acme-validating": { ms: 300, mb: 512 },
    router: { ms: 15, mb: 256 },
    clock: { ms: 500, mb: 1024 },
    "clock, at rest": { ms: 15, mb: 1024 },
  } as Readonly<Record<string, { readonly ms: number; readonly mb: number }>>,
  /** Lambda's own line and ours. */
  logBytesPerCall: 800,
  accessLogBytes: 350,
  traced: 0.05,
  /** SendMessage, ReceiveMessage, DeleteMessage, a batch of one each. */
  sqsRequestsPerMessage: 3,
  ocspAnswerBytes: 900,
} as const;

/** The front of each operation's requests. */
export const fronts: Readonly<Record<Operation, number>> = {
  apiIssuance: prices.restRequest + prices.cloudFrontHttps,
  apiIssuanceThreeNames: prices.restRequest + prices.cloudFrontHttps,
  acmeIssuance: prices.httpApiRequest + prices.cloudFrontHttps,
  revocation: prices.restRequest + prices.cloudFrontHttps,
  ocspMiss: prices.httpApiRequest + prices.cloudFrontHttp,
  ocspHit: prices.httpApiRequest + prices.cloudFrontHttp,
  idleMinute: 0,
  restingMinute: 0,
};

export interface Cost {
  readonly front: number;
  readonly lambda: number;
  readonly kms: number;
  readonly dynamo: number;
  readonly messages: number;
  readonly logs: number;
  readonly total: number;
}

/** Dollars for a million. @param kmsSignatures calls of KMS: with a CA key there, one for what that key signs */
export function perMillion(operation: Operation, measured: Measured, kmsSignatures: number): Cost {
  const calls = Object.entries(measured.functions);
  const lambda = calls.reduce((sum, [name, n]) => {
    const { ms, mb } = assumed.functions[name] ?? { ms: Number.NaN, mb: 0 };
    return sum + n * (prices.lambdaRequest + (ms / 1000) * (mb / 1024) * prices.lambdaGbSecond);
  }, 0);
  const logged = calls.reduce(
    (sum, [, n]) => sum + n * assumed.logBytesPerCall,
    measured.http * assumed.accessLogBytes,
  );
  const parts = {
    front: measured.http * (fronts[operation] + assumed.traced * prices.xrayTrace),
    lambda,
    kms: kmsSignatures * prices.kmsEcc,
    dynamo: measured.writeUnits * prices.dynamoWrite + measured.readUnits * prices.dynamoRead,
    messages: measured.messages * assumed.sqsRequestsPerMessage * prices.sqsRequest,
    logs: (logged / 1e9) * prices.logGb,
  };
  const million = Object.fromEntries(Object.entries(parts).map(([name, one]) => [name, one * 1e6])) as typeof parts;
  return { ...million, total: Object.values(million).reduce((sum, one) => sum + one, 0) };
}

/** An OCSP answer that CloudFront has: nothing behind it runs. */
export const edgeHitPerMillion = 1e6 * (prices.cloudFrontHttp + (assumed.ocspAnswerBytes / 1e9) * prices.cloudFrontGb);
