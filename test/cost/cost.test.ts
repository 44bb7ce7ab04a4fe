/**
 * Ceilings of what the product asks of AWS. They are counts, so they do not depend on the machine; where one is passed, the
 * list of writes says which item it was. `npm run cost` renders them as docs/cost.md.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { idleMonth, quietTenantMonth } from "./idle.ts";
import { measure, type Measured, type Operation } from "./measure.ts";
import { edgeHitPerMillion, perMillion } from "./model.ts";

let measured: Readonly<Record<Operation, Measured>>;
beforeAll(async () => {
  measured = await measure();
}, 300_000);

/** DynamoDB's write units all in (views, projections, the signer's journal), reads, requests, signatures, messages. */
const ceilings: Readonly<
  Record<Operation, readonly [writes: number, reads: number, signatures: number, messages: number]>
> = {
  apiIssuance: [16, 16, 1, 1],
  apiIssuanceThreeNames: [20, 16, 1, 1],
  acmeIssuance: [50, 58, 1, 2],
  revocation: [41, 46, 2, 3],
  ocspMiss: [1, 4, 1, 0],
  ocspHit: [0, 4, 0, 0],
  idleMinute: [2, 70, 0, 3],
  restingMinute: [0, 9, 0, 0],
};

const goals = "the goals";

describe("asks of AWS at most", () => {
  test.each(Object.keys(ceilings) as Operation[])("%s", (operation) => {
    const { writeUnits, readUnits, signatures, messages, writes } = measured[operation];
    const [mostWrites, mostReads, mostSignatures, mostMessages] = ceilings[operation];
    const items = writes.map(({ what, bytes, units, viewUnits }) => `${what}: ${bytes} bytes, ${units}+${viewUnits}`);
    expect(writeUnits, items.join("\n")).toBeLessThanOrEqual(mostWrites);
    expect(readUnits).toBeLessThanOrEqual(mostReads);
    expect(signatures).toBeLessThanOrEqual(mostSignatures);
    expect(messages).toBeLessThanOrEqual(mostMessages);
  });

  test("and the counting is right: the endpoint says the same", () => {
    for (const [operation, { writeUnits, readUnits, journalUnits, reported }] of Object.entries(measured))
      expect(reported, operation).toEqual({ writeUnits: writeUnits - journalUnits, readUnits });
  });

  test(`${goals}: an issuance is 16 write units and one signature, and at most $38 a million with the key in KMS`, () => {
    const { apiIssuance } = measured;
    expect(apiIssuance.writeUnits).toBeLessThanOrEqual(16);
    expect(apiIssuance.signatures).toBe(1);
    expect(perMillion("apiIssuance", apiIssuance, 1).total).toBeLessThanOrEqual(38);
  });

  test(`${goals}: an OCSP answer from the edge costs at most $1 a million`, () => {
    expect(edgeHitPerMillion).toBeLessThanOrEqual(1);
  });

  test(`${goals}: a tenant in which nothing happens costs at most 20 cents a month`, () => {
    expect(quietTenantMonth(measured)).toBeLessThanOrEqual(0.2);
  });

  test(`${goals}: an idle deployment of the profile minimal costs at most $10 a month`, () => {
    const { items, total } = idleMonth("minimal", measured);
    expect(total, JSON.stringify(items)).toBeLessThanOrEqual(10);
  });
});
