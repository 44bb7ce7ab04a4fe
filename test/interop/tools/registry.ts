/** The tools of the suites beside this folder, one line each. */
import { bouncyCastle } from "./bouncycastle.ts";
import { bouncyCastleCmp } from "./bouncycastle-cmp.ts";
import { bouncyCastleEst } from "./bouncycastle-est.ts";
import { certmonger } from "./certmonger.ts";
import { curl } from "./curl.ts";
import { go } from "./go.ts";
import { openssl } from "./openssl.ts";
import { pkilint } from "./pkilint.ts";
import { scepclient } from "./scepclient.ts";
import { scepgo } from "./scepgo.ts";
import { strongswan } from "./strongswan.ts";
import { tlogcheck } from "./tlogcheck.ts";
import type { Tool } from "./tool.ts";
import { zlint } from "./zlint.ts";

export const tools: readonly Tool[] = [
  bouncyCastle,
  go,
  zlint,
  pkilint,
  curl,
  tlogcheck,
  bouncyCastleEst,
  strongswan,
  certmonger,
  openssl,
  scepgo,
  scepclient,
  bouncyCastleCmp,
];
