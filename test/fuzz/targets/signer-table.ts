/** What the signer's function is sent, and what it reads back from its table. */
import { setImmediate as turn } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { gzipSync } from "node:zlib";
import { readSignerMessage, signerMessage } from "#shared/adapters/aws/signer-wire";
import { base64, utf8, utf8Text } from "#shared/kernel/bytes";
import { hashOf, recordItem, recordOf } from "#signer/table/record-item";
import { holds, type Target } from "../target.ts";

const plain = { header: { method: "health" } };

let inflated = 0;

export const lambdaCall: Target = {
  async run(input) {
    // zlib gives a broken stream's memory back in a later turn, which a loop of nothing but promises never comes to.
    if (++inflated % 200 === 0) await turn();
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
      { header: { ok: true }, payload: base64(gzipSync(utf8("a longer answer"))), gzip: true },
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
