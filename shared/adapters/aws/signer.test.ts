/** The signer's function as its callers see it: what goes wrong between them, and what it is told that is no call. */
import type { InvokeCommand, InvokeCommandOutput, LambdaClient } from "@aws-sdk/client-lambda";
import { describe, expect, test } from "vitest";
import { Failure } from "#shared/kernel/failure";
import { serveCall } from "#functions/signer/app";
import { knownAnswer } from "#functions/signer/known-answer";
import { kekWrapping } from "#signer/keys/kek";
import { randomBytes } from "#shared/crypto/random";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import { openFleet } from "#test/signer/fleet";
import { memoryItems } from "#test/signer/items";
import { inProcessLambda } from "#test/signer/lambda";
import { type Chain, makeChain, request, start } from "#test/signer/workshop";
import { lambdaSigner } from "./signer.ts";
import { maxLambdaTbsBytes, maxMessageBytes, readSignerMessage, signerMessage } from "./signer-wire.ts";

const functionName = "trstctl-signer:live";
const clock = { now: () => start };

const thrown = (name: string): Error => Object.assign(new Error("said by AWS"), { name });
const answering = (answer: () => Partial<InvokeCommandOutput>): Pick<LambdaClient, "send"> => ({
  send: (async () => ({ $metadata: {}, ...answer() })) as unknown as LambdaClient["send"],
});
const throwing = (error: Error) =>
  answering(() => {
    throw error;
  });

describe("between a function and the signer", () => {
  test.each([
    ["TooManyRequestsException", "unavailable", /for as many as it may/, 1],
    ["TimeoutError", "unavailable", /is not answering/, 1],
    ["ServiceException", "unavailable", /is not answering/, 1],
    ["ECONNRESET", "unavailable", /is not answering/, 1],
    ["ExpiredTokenException", "unavailable", /is not answering/, 1],
    ["KMSDisabledException", "unavailable", /data key is disabled/, 60],
    ["ResourceNotFoundException", "misconfigured", /does not exist/, undefined],
    ["AccessDeniedException", "misconfigured", /may not invoke/, undefined],
    ["RequestTooLargeException", "too_large", /more shards/, undefined],
  ] as const)("%s is %s", async (name, code, reason, retryAfter) => {
    const signer = lambdaSigner({ functionName, client: throwing(thrown(name)) });
    await expect(signer.health()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(reason) as unknown,
      retryAfter,
    });
  });

  test("a function that ended in the middle, or says what nobody reads, is unavailable, and its words are not repeated", async () => {
    const said = Buffer.from(JSON.stringify({ errorMessage: "2026-11-26 Task timed out after 5.00 seconds" }));
    const ended = lambdaSigner({
      functionName,
      client: answering(() => ({ FunctionError: "Unhandled", Payload: said as never })),
    });
    await expect(ended.health()).rejects.toMatchObject({ code: "unavailable", retryAfter: 1 });
    for (const payload of ["", "null", "[]", "{}", '{"header":1}', "<html>"]) {
      const odd = lambdaSigner({ functionName, client: answering(() => ({ Payload: Buffer.from(payload) as never })) });
      await expect(odd.health()).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringMatching(/cannot be read/) as unknown,
      });
    }
  });

  test("an answer that never came is asked for again with the same opId: one signature", async () => {
    const fleet = openFleet({ clock });
    const lambda = inProcessLambda([fleet.start(), fleet.start()]);
    const chain: Chain = await makeChain({ service: lambdaSigner({ functionName, client: lambda }), clock });
    let lost = 0;
    const client = {
      send: (async (command: InvokeCommand) => {
        const answer = await lambda.send(command);
        if (lost++ === 0) throw thrown("TimeoutError");
        return answer;
      }) as unknown as LambdaClient["send"],
    };
    const signer = lambdaSigner({ functionName, client });
    const asked = request("certificate", "ca", chain.leafTbs());
    await expect(signer.sign(asked)).rejects.toMatchObject({ code: "unavailable" });
    const signed = await signer.sign({ ...asked, tbs: chain.leafTbs() });
    expect([...signed.tbs]).toEqual([...asked.tbs]);
    const records = await signer.journal("acme", 0, 1000);
    expect(records.filter(({ opId }) => opId === asked.opId)).toHaveLength(1);
  });
});

describe("the wire", () => {
  test("carries the largest TBS, as bytes of any kind; one byte more is refused with the way out", async () => {
    const tbs = randomBytes(maxLambdaTbsBytes);
    const message = signerMessage({ header: { method: "sign", opId: "x".repeat(300) }, payload: tbs });
    expect(JSON.stringify(message).length).toBeLessThanOrEqual(maxMessageBytes);
    // So does the journal's record of it, which is base64 in JSON in base64.
    const record = Buffer.from(
      JSON.stringify([{ n: 1, tbs: Buffer.from(tbs).toString("base64"), reason: "x".repeat(400) }]),
    );
    expect(JSON.stringify(signerMessage({ header: { ok: true }, payload: record })).length).toBeLessThanOrEqual(
      maxMessageBytes,
    );
    const fleet = openFleet({ clock });
    const signer = lambdaSigner({ functionName, client: inProcessLambda([fleet.start()]) });
    const large = request("crl", "ca", new Uint8Array(maxLambdaTbsBytes + 1));
    await expect(signer.sign(large)).rejects.toMatchObject({
      code: "too_large",
      message: expect.stringMatching(/at most 4194304 are signed.*more CRL shards/) as unknown,
    });
    await expect(signer.sign(request("crl", "ca", randomBytes(maxMessageBytes)))).rejects.toMatchObject({
      code: "too_large",
      message: expect.stringMatching(/more shards/) as unknown,
    });
  });

  test("is compressed where that is worth it, and never unpacks more than it may", () => {
    const zeros = signerMessage({ header: {}, payload: new Uint8Array(300_000) });
    expect(zeros.gzip).toBe(true);
    expect(zeros.payload?.length).toBeLessThan(2_000);
    expect(readSignerMessage(zeros).payload).toHaveLength(300_000);
    const bomb = signerMessage({ header: {}, payload: new Uint8Array(9 * 1024 * 1024) });
    expect(() => readSignerMessage(bomb)).toThrow(/no gzip of at most/);
  });
});

describe("what is no call", () => {
  const open = async () => ({ service: openFleet({ clock }).start(), knownAnswer: async () => [] });

  test.each([
    ["nothing", undefined],
    ["a text", "sign"],
    ["a list", [{ header: {} }]],
    ["no header", { payload: "" }],
    ["another field", { header: {}, headers: {} }],
    ["no base64", { header: { method: "sign" }, payload: "####" }],
    ["base64 in another writing", { header: { method: "sign" }, payload: "AAB=" }],
    ["no gzip", { header: { method: "sign" }, payload: "AAAA", gzip: true }],
    ["an event of a gateway", { version: "2.0", rawPath: "/", requestContext: {} }],
    ["a method of objects", { header: { method: "constructor" } }],
    ["a method that is not served", { header: { method: "exportKey" } }],
    ["a method of the service that is nobody's to call", { header: { method: "flush" } }],
    ["no method", { header: {} }],
  ])("%s is answered with malformed", async (_what, event) => {
    const reported: unknown[] = [];
    const answer = await serveCall(event, open, (error) => void reported.push(error));
    expect(answer.header).toMatchObject({ ok: false, code: "malformed" });
    expect(reported).toEqual([]);
  });

  test("a signer that cannot start says so to each, and starts when it can", async () => {
    const reported: unknown[] = [];
    const refuse = async () => Promise.reject(new Failure("misconfigured", "TRSTCTL_JOURNAL_TABLE: required"));
    const call = { header: { method: "health" } };
    const answer = await serveCall(call, refuse, (error) => void reported.push(error));
    expect(answer.header).toMatchObject({
      ok: false,
      code: "misconfigured",
      detail: "TRSTCTL_JOURNAL_TABLE: required",
    });
    expect(reported).toHaveLength(1);
    expect((await serveCall(call, open, () => undefined)).header).toEqual({ ok: true });
  });

  test("a defect is told to nobody but the log", async () => {
    const reported: unknown[] = [];
    const defect = async () => Promise.reject(new TypeError("secret detail"));
    const answer = await serveCall({ header: { method: "health" } }, defect, (error) => void reported.push(error));
    expect(answer.header).toMatchObject({ ok: false, code: "internal", detail: "the signer failed; see its log" });
    expect(reported).toHaveLength(1);
  });
});

describe("the known-answer check", () => {
  const healthy = { health: async () => undefined };
  const kek = () => new SecretBytes(randomBytes(32));
  const call = { header: { method: "known-answer" } };

  test("shows algorithms, wrapping and table, through the same door", async () => {
    const service = openFleet({ clock, items: memoryItems() }).start();
    const checked = { service, knownAnswer: () => knownAnswer(service, kekWrapping(kek())) };
    const { header } = await serveCall(
      call,
      async () => checked,
      () => undefined,
    );
    expect(header).toMatchObject({ ok: true, shown: expect.arrayContaining(["journal table"]) as unknown });
  });

  test("fails when what is wrapped does not open, and when the table does not answer", async () => {
    const good = kekWrapping(kek());
    const other = { ...good, unwrap: async () => randomBytes(32) };
    await expect(knownAnswer(healthy, other)).rejects.toBeDefined();
    const down = { health: () => Promise.reject(new Failure("unavailable", "table down")) };
    await expect(knownAnswer(down, good)).rejects.toMatchObject({ code: "unavailable" });
    await expect(knownAnswer(healthy, good)).resolves.toHaveLength(9);
  });
});
