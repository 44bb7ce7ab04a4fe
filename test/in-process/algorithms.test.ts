/** Key algorithms that are quick; the others: `test/contract/algorithms.test.ts`. */
import { test } from "vitest";
import { holdAlgorithm, quickAlgorithms } from "#test/contract/algorithm-contract";

test.each(quickAlgorithms)("%s: root, issuing CA, leaf, CRL and OCSP verify", holdAlgorithm);
