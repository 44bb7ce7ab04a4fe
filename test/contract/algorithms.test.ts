/** Key algorithms that take their time; the others: `test/in-process/algorithms.test.ts`. */
import { expect, test } from "vitest";
import { signerKeyAlgorithms } from "#shared/kernel/key-algorithm";
import { holdAlgorithm, quickAlgorithms } from "./algorithm-contract.ts";

const rest = signerKeyAlgorithms.filter((name) => !quickAlgorithms.includes(name));

test.concurrent.each(rest)(
  "%s: root, issuing CA, leaf, CRL and OCSP verify",
  async (name) => holdAlgorithm(name),
  180_000,
);

test("no algorithm is left out", () => {
  expect([...rest, ...quickAlgorithms].sort()).toEqual([...signerKeyAlgorithms].sort());
});
