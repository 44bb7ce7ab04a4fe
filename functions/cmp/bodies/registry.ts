/** Which bodies are served: an allow-list (I10). What parses and is not here is refused. */
import type { BodyType } from "#shared/pki/cmp/body-type";
import type { Handler } from "../exchange.ts";
import { certification, keyUpdate } from "./certification.ts";
import { abandonment, confirmation } from "./confirmation.ts";
import { general } from "./general.ts";
import { pkcs10 } from "./pkcs10.ts";
import { polling } from "./polling.ts";
import { revocation } from "./revocation.ts";

/** `nested` is unwrapped before (nested.ts). */
export const bodies: Partial<Readonly<Record<BodyType, Handler>>> = {
  ir: certification,
  cr: certification,
  p10cr: pkcs10,
  kur: keyUpdate,
  rr: revocation,
  genm: general,
  error: abandonment,
  certConf: confirmation,
  pollReq: polling,
};
export const servedBodies = Object.keys(bodies) as BodyType[];
