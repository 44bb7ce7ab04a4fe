/** Kinds of broken objects, one line each. */
import { crlMutants } from "./crl.ts";
import { issuingCaMutants } from "./issuing-ca.ts";
import { leafMutants } from "./leaf.ts";
import type { Mutants } from "./mutant.ts";
import { ocspMutants } from "./ocsp.ts";

export const mutants: readonly Mutants[] = [leafMutants, issuingCaMutants, crlMutants, ocspMutants];
