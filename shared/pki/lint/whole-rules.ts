/** Rules for a whole object under the signature of a throw-away key, one line each. */
import { readsBack } from "./whole/reads-back.ts";
import { secondReader } from "./whole/second-reader.ts";
import { signatureCovers } from "./whole/signature-covers.ts";
import type { WholeRule } from "./rule.ts";

export const wholeRules: readonly WholeRule[] = [readsBack, secondReader, signatureCovers];
