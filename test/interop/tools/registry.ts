/** The tools of the suites beside this folder, one line each. */
import { certbot, certbotDebian } from "./certbot.ts";
import { lego, legoDebian } from "./lego.ts";
import { pebble } from "./pebble.ts";
import { acmeTiny, acmetool, dehydrated, uacme } from "./small-acme-clients.ts";
import { bouncyCastle } from "./bouncycastle.ts";
import { bouncyCastleCmp } from "./bouncycastle-cmp.ts";
import { bouncyCastleEst } from "./bouncycastle-est.ts";
import { certmonger } from "./certmonger.ts";
import { dynamodbLocal } from "./dynamodb-local.ts";
import { curl } from "./curl.ts";
import { estclient } from "./estclient.ts";
import { go } from "./go.ts";
import { openssl } from "./openssl.ts";
import { ministack } from "./ministack.ts";
import { pkilint } from "./pkilint.ts";
import { scepclient } from "./scepclient.ts";
import { scepgo } from "./scepgo.ts";
import { fish, zsh } from "./shells.ts";
import { pkcs11Addon, softhsm } from "./softhsm.ts";
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
  estclient,
  certmonger,
  openssl,
  scepgo,
  scepclient,
  bouncyCastleCmp,
  certbotDebian,
  certbot,
  legoDebian,
  lego,
  uacme,
  dehydrated,
  acmeTiny,
  acmetool,
  pebble,
  ministack,
  softhsm,
  pkcs11Addon,
  dynamodbLocal,
  zsh,
  fish,
];
