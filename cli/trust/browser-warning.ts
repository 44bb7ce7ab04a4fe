/** What a person should read before the browser says it in words of its own. */
import type { Environment } from "#shared/kernel/config";
import { Failure } from "#shared/kernel/failure";
import { thisMachine } from "./machine.ts";
import { readRoot } from "./root.ts";
import { storesOf } from "./stores.ts";
import { statusIn } from "./trust.ts";

const warning = [
  "Your browser will warn that this connection is not private: it does not know this host's own root.",
  "One command ends that, run in the clone: npx trstctl trust install",
];

/**
 * @param pem the host's TLS root
 * @returns lines; none when every browser's store that is found here trusts it
 */
export async function browserWarning(pem: string, environment: Environment): Promise<readonly string[]> {
  try {
    const stores = storesOf(thisMachine(environment, false)).filter(({ kind }) => kind === "browsers");
    const outcomes = await statusIn(stores, readRoot(pem));
    return outcomes.length > 0 && outcomes.every(({ state }) => state === "trusted") ? [] : warning;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return warning;
  }
}
