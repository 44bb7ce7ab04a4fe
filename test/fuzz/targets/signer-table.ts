/** What the signer's function is sent, and what it reads back from its table. */
import { isDeepStrictEqual } from "node:util";
import { readSignerMessage, signerMessage } from "#shared/adapters/aws/signer-wire";
import { base64, utf8, utf8Text } from "#shared/kernel/bytes";
import { hashOf, recordItem, recordOf } from "#signer/table/record-item";
import { holds, type Target } from "../target.ts";

const plain = { header: { method: "health" } };

export const lambdaCall: Target = {
  run(input) {
    let value: unknown;
    try {
      value = JSON.parse(utf8Text(input));
    } catch {
      return;
    }
    const frame = readSignerMessage(value);
    holds(isDeepStrictEqual(readSignerMessage(signerMessage(frame)), frame), "another call is written");
  },
  refusals: ["malformed", "too_large"],
  format: "json",
  seeds: () =>
    [
      plain,
      { header: { method: "sign", opId: "x" }, payload: base64(utf8("tbs")) },
      { ...signerMessage({ header: { ok: true }, payload: new Uint8Array(300_000) }) },
    ].map((one) => utf8(JSON.stringify(one))),
  dictionary: ["header", "payload", "gzip", "method", "true", "H4sI", "AAAA", "="],
};

const entry = {
  time: 1,
  op: "sign",
  tenant: "acme",
  handle: "ca",
  opId: "x",
  type: "certificate",
  requestHash: "ab",
  tbs: base64(Uint8Array.of(1, 2, 3)),
  signature: base64(Uint8Array.of(4)),
} as const;

export const tableRecord: Target = {
  run(input) {
    const item = { pk: "T#acme#J", sk: "R#000000000001", rev: 1, body: input };
    const record = recordOf(item);
    // What has the right hash is what was written, so it is written again.
    if (record.hash !== hashOf("", record.entry)) return;
    const again = recordItem(item.pk, record);
    holds(hashOf("", recordOf(again).entry) === record.hash, "another record is written");
  },
  refusals: ["corrupt"],
  seeds: () => [
    recordItem("T#acme#J", { n: 1, hash: hashOf("", entry), entry }).body,
    recordItem("T#acme#J", { n: 1, hash: hashOf("", entry), entry }, "ab").body,
  ],
  dictionary: ['"tbs":3', '"signature":1', '"far":"', '"hash":"', "\n", "{}", "null"],
};
