/** docs/cost.md, from what was counted. */
import { type Idle, idleMonth, profiles, quietTenantMonth } from "./idle.ts";
import { type Measured, operations, type Operation } from "./measure.ts";
import { assumed, edgeHitPerMillion, fronts, perMillion } from "./model.ts";
import { alternatives, prices } from "./prices.ts";

const dollars = (amount: number): string =>
  `$${amount < 10 ? amount.toFixed(2) : Math.round(amount).toLocaleString("en")}`;
const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [row(...head), row(...head.map(() => "---")), ...rows.map((cells) => row(...cells))].join("\n");

/** Calls of KMS where the CA's key is there; OCSP and ACME's other keys are wrapped ones. */
const kmsOf = (operation: Operation, { signatures }: Measured): number => (operation === "ocspMiss" ? 0 : signatures);

export function costPage(measured: Readonly<Record<Operation, Measured>>): string {
  const named = (Object.keys(operations) as Operation[]).filter((operation) => fronts[operation] > 0);
  const idle = Object.fromEntries(profiles.map((profile) => [profile, idleMonth(profile, measured)])) as Record<
    string,
    Idle
  >;
  const issuance = perMillion("apiIssuance", measured.apiIssuance, 1);
  const wrapped = perMillion("apiIssuance", measured.apiIssuance, 0);
  const month = (n: number): number => (idle["minimal"]?.total ?? 0) + (issuance.total * n) / 1e6;
  const volumes = [100, 10_000, 1_000_000, 10_000_000];
  const awake = (perMillion("idleMinute", measured.idleMinute, 0).total * 43_200) / 1e6;

  return `# What it costs on AWS

Written by \`npm run cost\`, not by hand. Units, requests, signatures and messages are counted on the product itself
(\`test/cost/\`): API, ACME, OCSP, outbox, projections and clock over the DynamoDB adapters, with a meter in the SDK client whose
formula is compared with what the endpoint reports. Ceilings are part of \`npm test\`. Nothing here was billed by AWS: durations
of functions and sizes of logs are assumptions, listed below.

## An operation

${table(
  [
    "operation",
    "requests",
    "write units",
    "of which signer",
    "read units",
    "signatures",
    "messages",
    "calls of functions",
  ],
  (Object.keys(operations) as Operation[]).map((operation) => {
    const one = measured[operation];
    const calls = Object.entries(one.functions).filter(([, n]) => n > 0);
    return [
      operations[operation],
      one.requests,
      one.writeUnits,
      one.journalUnits,
      one.readUnits,
      one.signatures,
      one.messages,
      calls.map(([name, n]) => (n === 1 ? name : `${n} ${name}`)).join(", "),
    ];
  }),
)}

The dearest of a dozen in a steady state. Views, projections and the signer's journal are in it; each message is counted as a
batch of its own, as when one certificate is issued alone. Under load messages, the router's calls and a projection's cursor and reads are
shared.

Where the units of an issuance go:

${table(
  ["item", "bytes", "write units", "in the view"],
  [
    ...measured.apiIssuance.writes.map(({ what, bytes, units, viewUnits }) => [
      what,
      Math.round(bytes / 100) * 100,
      units,
      viewUnits,
    ]),
    ["the signer's record", "1,000 to 1,600", measured.apiIssuance.journalUnits, 0],
  ],
)}

## A million of them

${table(
  ["operation", "front", "functions", "KMS", "DynamoDB", "queues", "logs", "**total**"],
  named.map((operation) => {
    const one = perMillion(operation, measured[operation], kmsOf(operation, measured[operation]));
    const { front, lambda, kms, dynamo, messages, logs, total } = one;
    return [
      operations[operation],
      ...[front, lambda, kms, dynamo, messages, logs].map(dollars),
      `**${dollars(total)}**`,
    ];
  }),
)}

With the CA's key in KMS (P-256). With a wrapped key there is no KMS column: an issuance is then ${dollars(wrapped.total)} a
million; with an RSA-2048 key in KMS ${dollars(wrapped.total + prices.kmsRsa2048 * 1e6)}. An OCSP answer that CloudFront has
costs ${dollars(edgeHitPerMillion)} a million. What is kept costs ${dollars(prices.dynamoGbMonth)} for a GB and month: about
${dollars(6 * prices.dynamoGbMonth)} for a million certificates.

## A month in which nothing is asked

${table(
  ["profile", "what", "**total**"],
  profiles.map((profile) => [
    `\`${profile}\``,
    (idle[profile]?.items ?? []).map(({ what, dollars: cost }) => `${what} ${dollars(cost)}`).join("; "),
    `**${dollars(idle[profile]?.total ?? 0)}**`,
  ]),
)}

Counted from the synthesized templates with one tenant, without a domain and without KMS keys for CAs (\`caKeys\`, $1 a month
each). Each further tenant in which nothing happens costs ${dollars(quietTenantMonth(measured))}: the clock reads each minute where its
lanes end, and sees to it every quarter of an hour. One in which something happens every ten minutes is seen to each minute,
which costs ${dollars(awake)}. The bridge is about $50 more:
two Fargate tasks, a load balancer, public addresses.

## Beside others

A month with so many certificates, idle cost included:

${table(
  ["", ...volumes.map((n) => n.toLocaleString("en"))],
  [
    ["this, `minimal`, CA key in KMS", ...volumes.map((n) => dollars(month(n)))],
    ...Object.entries(alternatives).map(([name, of]) => [name, ...volumes.map((n) => dollars(of(n)))]),
  ],
)}

Two machines that run step-ca or Vault cost the same whatever they issue, until they are full: they are cheaper above about
${(Math.round(((125 - (idle["minimal"]?.total ?? 0)) / issuance.total) * 10) / 10).toLocaleString("en")} million certificates a month with a key in KMS, and
${(Math.round(((125 - (idle["minimal"]?.total ?? 0)) / wrapped.total) * 10) / 10).toLocaleString("en")} million with a wrapped one. They do less: neither keeps tenants
apart by IAM, nor an audit log that shows tampering. AWS Private CA in general-purpose mode costs $800 a month for root and issuing
CA before the first certificate, and $0.001 for each beyond 10,000, some ${Math.round(1_000 / issuance.total)} times an issuance here; its short-lived mode costs
$0.058 for each.

## Assumed

${table(
  ["function", "billed ms, warm", "MB"],
  Object.entries(assumed.functions).map(([name, { ms, mb }]) => [name, ms, mb]),
)}

Log: ${assumed.logBytesPerCall} bytes a call, ${assumed.accessLogBytes} a request. Traced: ${assumed.traced * 100} % of requests.
A message is ${assumed.sqsRequestsPerMessage} requests of SQS. Cold starts, free tiers, data transfer beside OCSP's, and support plans are
left out.

## Prices

us-east-1, list, July 2026 or before: DynamoDB on demand (aws.amazon.com/dynamodb/pricing/on-demand), KMS
(aws.amazon.com/kms/pricing), Lambda arm64, API Gateway, CloudFront, SQS, CloudWatch, X-Ray, WAF (their pricing pages), AWS Private CA
(aws.amazon.com/private-ca/pricing; the tiers beyond the first thousand certificates and the price of short-lived ones were not
looked up again). The machines beside are t4g instances with a load balancer, and for step-ca a small Multi-AZ database.

${table(
  ["what", "dollars"],
  Object.entries(prices).map(([name, price]) => [
    name,
    price < 0.001 ? `${Number((price * 1e6).toFixed(4))} a million` : price,
  ]),
)}
`;
}
