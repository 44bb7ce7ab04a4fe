/** CA certificates that a taken-over front would like to have (I5). */
import { afterAll, beforeAll, describe, test } from "vitest";
import { concat } from "#shared/kernel/bytes";
import type { TbsSpec } from "#shared/pki/certificate";
import { extKeyUsage, keyUsage, nameConstraints } from "#shared/pki/extensions";
import { nameDer } from "#shared/pki/name";
import { hold, openTarget, type Target } from "#test/signer/attack";
import {
  caExtensions,
  type Chain,
  day,
  dns,
  everyAddress,
  expectRefused,
  leafExtensions,
  names,
  request,
  start,
  type Workshop,
} from "#test/signer/workshop";

let target: Target;
let chain: Chain;
let workshop: Workshop;

beforeAll(async () => {
  target = await openTarget();
  ({ chain, workshop } = target);
});
afterAll(() => workshop[Symbol.asyncDispose]());

describe("CA certificates", () => {
  const ca = (change: Partial<TbsSpec>) => () => chain.caTbs(change);
  const withCa = (extensions: (root: Uint8Array, key: Uint8Array) => Uint8Array[]) => () =>
    chain.caTbs({ extensions: extensions(chain.root.spki, chain.ca.spki) });
  hold(
    () => target,
    [
      {
        what: "a leaf under the root",
        handle: "root",
        tbs: () =>
          chain.leafTbs({ issuerNameDer: names.root, extensions: leafExtensions(chain.root.spki, chain.leafSpki) }),
        reason: /only CA keys that this signer holds/,
      },
      {
        what: "a CA over a foreign key",
        handle: "root",
        tbs: () => chain.caTbs({ spki: chain.leafSpki, extensions: caExtensions(chain.root.spki, chain.leafSpki, 0) }),
        reason: /only CA keys that this signer holds/,
      },
      {
        what: "a CA over another tenant's key",
        handle: "root",
        tbs: () => {
          const spki = target.spkiOf("theirs", "other");
          return chain.caTbs({ spki, extensions: caExtensions(chain.root.spki, spki, 0) });
        },
        reason: /for the same tenant/,
      },
      {
        what: "a CA over its responder's key",
        handle: "root",
        tbs: () =>
          chain.caTbs({ spki: chain.ocsp.spki, extensions: caExtensions(chain.root.spki, chain.ocsp.spki, 0) }),
        reason: /does not certify CAs/,
      },
      {
        what: "no path length",
        handle: "root",
        tbs: withCa((root, key) => caExtensions(root, key, undefined, ["example.test"])),
        reason: /path length 0/,
      },
      {
        what: "path length 1",
        handle: "root",
        tbs: withCa((root, key) => caExtensions(root, key, 1, ["example.test"])),
        reason: /path length 0/,
      },
      {
        what: "without the name constraints of the key",
        handle: "root",
        tbs: withCa((root, key) => caExtensions(root, key, 0)),
        reason: /name constraints/,
      },
      {
        what: "with wider name constraints",
        handle: "root",
        tbs: withCa((root, key) => caExtensions(root, key, 0, ["example.test", "example.org"])),
        reason: /name constraints/,
      },
      {
        what: "with other name constraints",
        handle: "root",
        tbs: withCa((root, key) => caExtensions(root, key, 0, ["test"])),
        reason: /name constraints/,
      },
      {
        what: "name constraints that are not critical",
        handle: "root",
        tbs: withCa((root, key) => {
          const critical = nameConstraints({ permitted: dns("example.test"), excluded: everyAddress });
          // The BOOLEAN TRUE after the OID goes.
          const relaxed = concat(
            Uint8Array.of(0x30, (critical[1] as number) - 3),
            critical.subarray(2, 7),
            critical.subarray(10),
          );
          return [...caExtensions(root, key, 0), relaxed];
        }),
        reason: /must be critical/,
      },
      {
        what: "a further key usage",
        handle: "root",
        tbs: withCa((root, key) => [
          ...caExtensions(root, key, 0, ["example.test"]).filter((_, at) => at !== 1),
          keyUsage(["keyCertSign", "cRLSign", "digitalSignature"]),
        ]),
        reason: /no other/,
      },
      {
        what: "no cRLSign",
        handle: "root",
        tbs: withCa((root, key) => [
          ...caExtensions(root, key, 0, ["example.test"]).filter((_, at) => at !== 1),
          keyUsage(["keyCertSign"]),
        ]),
        reason: /no other/,
      },
      {
        what: "an extended key usage",
        handle: "root",
        tbs: withCa((root, key) => [...caExtensions(root, key, 0, ["example.test"]), extKeyUsage(["serverAuth"])]),
        reason: /no extended key usage/,
      },
      {
        what: "a life beyond the root's",
        handle: "root",
        tbs: ca({ notAfterMs: start + 3651 * day }),
        reason: /outlive its issuer/,
      },
      {
        what: "another name for a bound key",
        handle: "root",
        tbs: ca({ subjectNameDer: names.open }),
        reason: /bound to another CA name/,
      },
      {
        what: "no subject",
        handle: "root",
        tbs: () => chain.caTbs({ subjectNameDer: nameDer([]) }),
        reason: /bound to another CA name|must have a subject/,
      },
      {
        what: "a second self-signed root with another name",
        handle: "root",
        tbs: () => chain.rootTbs({ issuerNameDer: names.open, subjectNameDer: names.open }),
        reason: /bound to another CA name/,
      },
      {
        what: "the root's key under another issuer",
        handle: "root",
        tbs: () => chain.rootTbs({ issuerNameDer: names.ca }),
        reason: /name itself as issuer/,
      },
      {
        what: "the root's key without cA",
        handle: "root",
        tbs: () => chain.rootTbs({ extensions: leafExtensions(chain.root.spki, chain.root.spki) }),
        reason: /critical basicConstraints/,
      },
      {
        what: "a root of a hundred years",
        handle: "root",
        tbs: () => chain.rootTbs({ notAfterMs: start + 36_500 * day }),
        reason: /outside this key's limits/,
      },
      {
        what: "the CA signing itself",
        handle: "ca",
        tbs: () =>
          chain.caTbs({
            issuerNameDer: names.ca,
            extensions: caExtensions(chain.ca.spki, chain.ca.spki, 0, ["example.test"]),
          }),
        reason: /not on the list|does not certify CAs/,
      },
    ],
  );

  test("a root signs itself once, and remembers it", async () => {
    const again = () => request("certificate", "root", chain.rootTbs());
    await expectRefused(workshop, again(), { reason: /signed itself already/ });
    await workshop.restart();
    await expectRefused(workshop, again(), { reason: /signed itself already/ });
  });
});
