/** What the stacks make and the key policies allow is what the signer asks KMS for. */
import { expect, it } from "vitest";
import { generateLeafKey } from "#shared/crypto/leaf-key";
import { maxRawBytes, kmsAlgorithms } from "#signer/keys/kms-algorithms";
import { caKeyAlgorithms, caKeySpecs } from "./ca-key-algorithms.ts";

it("has the same algorithms", () => {
  expect(Object.keys(kmsAlgorithms).toSorted()).toEqual([...caKeyAlgorithms].toSorted());
});

it.each(caKeyAlgorithms)("%s: spec, signing algorithm and message types", (name) => {
  const row = kmsAlgorithms[name];
  const { spki } = generateLeafKey();
  const lengths = name === "Ed25519" ? [1, maxRawBytes] : [1, maxRawBytes, maxRawBytes + 1];
  const types = lengths.map((length) => row?.message(new Uint8Array(length), spki).MessageType);
  expect({ ...row, message: undefined, messageTypes: [...new Set(types)] }).toEqual({
    ...caKeySpecs[name],
    message: undefined,
  });
});
