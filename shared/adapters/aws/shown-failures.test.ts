/** What a caller hears when AWS says no, and what the operator does: names of tables, buckets and keys are the latter's. */
import { expect, test } from "vitest";
import { loggerOf, reportTo } from "#functions/lambda/log";
import { problemAnswer } from "#shared/http/problem";
import { kmsFailure, unusable } from "../../../signer/keys/kms-failure.ts";
import { answer } from "../../../signer/methods.ts";
import { accepted } from "#shared/ports/signer-calls";
import { utf8 } from "#shared/kernel/bytes";
import { dynamoFailure } from "./dynamodb.ts";
import { serviceFailure } from "./service-failure.ts";

const exception = (name: string): Error => Object.assign(new Error(`${name} at AWS`), { name });
const bucket = { shown: "the file store", place: "bucket acme-blobs" };
const keyId = "arn:aws:kms:eu-central-1:111122223333:key/1f2e";

/** By what fails, and what its place is called. */
const failures: readonly (readonly [error: unknown, place: string])[] = [
  ...[
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "ExpiredTokenException",
    "InternalServerError",
    "TimeoutError",
    "ResourceNotFoundException",
  ].map((name) => [dynamoFailure(exception(name), "acme-core"), "table acme-core"] as const),
  [serviceFailure(exception("SlowDown"), bucket), bucket.place],
  [serviceFailure(exception("AccessDenied"), bucket), bucket.place],
  [kmsFailure(exception("TimeoutError"), keyId, "kms:Sign"), keyId],
  [unusable(keyId, "Disabled"), keyId],
];

const lineOf = (error: unknown): string => {
  const lines: unknown[] = [];
  const logger = loggerOf("api");
  Object.assign(logger, {
    printLog: (_: unknown, item: { getAttributes(): unknown }) => lines.push(item.getAttributes()),
  });
  reportTo(logger)(error, {});
  return JSON.stringify(lines);
};

test.each(failures)("%s", (error, place) => {
  const body = String(problemAnswer(error, "0").body);
  for (const name of ["acme-core", "acme-blobs", "1f2e", "111122223333", "eu-central-1"])
    expect(body).not.toContain(name);
  expect(lineOf(error)).toContain(place);
});

test("a place crosses from the signer to who asked it, and ends in that one's log", async () => {
  const health = () => Promise.reject(unusable(keyId, "Disabled"));
  const { header } = await answer({ health } as never, { header: { method: "health" }, payload: utf8("") });
  const wire = JSON.parse(JSON.stringify(header)) as Record<string, unknown>;
  let error: unknown;
  try {
    accepted({ header: wire, payload: utf8("") });
  } catch (caught) {
    error = caught;
  }
  expect(error).toMatchObject({ code: "unavailable", retryAfter: 30, place: `KMS key ${keyId}` });
  expect(String(problemAnswer(error, "0").body)).not.toContain("1f2e");
});
