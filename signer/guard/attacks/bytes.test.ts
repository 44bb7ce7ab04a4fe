/** Bytes that are not what they are said to be, and purposes that do not sign them (I5). */
import { afterAll, beforeAll, describe } from "vitest";
import { sha256 } from "#shared/crypto/hash";
import { concat } from "#shared/kernel/bytes";
import type { SignedType } from "#shared/ports/signer";
import { hold, openTarget, type Target } from "#test/signer/attack";
import type { Chain, Workshop } from "#test/signer/workshop";

let target: Target;
let chain: Chain;
let workshop: Workshop;

beforeAll(async () => {
  target = await openTarget();
  ({ chain, workshop } = target);
});
afterAll(() => workshop[Symbol.asyncDispose]());

describe("bytes", () => {
  const leaf = () => chain.leafTbs();
  hold(
    () => target,
    [
      { what: "a bare digest", handle: "ca", tbs: () => sha256(leaf()), code: "malformed", reason: /./ },
      { what: "garbage", handle: "ca", tbs: () => Buffer.from("not DER at all"), code: "malformed", reason: /./ },
      { what: "nothing", handle: "ca", tbs: () => new Uint8Array(0), code: "malformed", reason: /./ },
      {
        what: "trailing bytes",
        handle: "ca",
        tbs: () => concat(leaf(), Uint8Array.of(0)),
        code: "malformed",
        reason: /./,
      },
      { what: "a TBS cut short", handle: "ca", tbs: () => leaf().subarray(0, -1), code: "malformed", reason: /./ },
      {
        what: "a CRL passed off as a certificate",
        handle: "ca",
        tbs: () => chain.crlTbs(),
        code: "malformed",
        reason: /./,
      },
      {
        what: "a certificate passed off as a CRL",
        type: "crl",
        handle: "ca",
        tbs: leaf,
        code: "malformed",
        reason: /./,
      },
      {
        what: "a certificate passed off as OCSP",
        type: "ocsp",
        handle: "ocsp",
        tbs: leaf,
        code: "malformed",
        reason: /./,
      },
      { what: "OCSP under a CA key", type: "ocsp", handle: "ca", tbs: () => chain.ocspTbs(), reason: /signs no ocsp/ },
      {
        what: "OCSP under the root",
        type: "ocsp",
        handle: "root",
        tbs: () => chain.ocspTbs(),
        reason: /signs no ocsp/,
      },
      { what: "a leaf under an OCSP key", handle: "ocsp", tbs: leaf, reason: /signs no certificate/ },
      {
        what: "a CRL under an OCSP key",
        type: "crl",
        handle: "ocsp",
        tbs: () => chain.crlTbs(),
        reason: /signs no crl/,
      },
      ...["hash", "toString", "__proto__", "key"].map((type) => ({
        what: `a type that there is not (${type})`,
        type: type as SignedType,
        handle: "ca",
        tbs: leaf,
        reason: /it signs no/,
      })),
    ],
  );
});
