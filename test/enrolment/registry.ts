import { acme } from "./acme.ts";
import type { ProtocolClient } from "./client.ts";
import { cmp } from "./cmp.ts";
import { est } from "./est.ts";
import { scep } from "./scep.ts";

/** One line for each protocol: what all of them must keep is then asked of it too. */
export const protocolClients: Readonly<Record<string, ProtocolClient>> = { acme, est, scep, cmp };
