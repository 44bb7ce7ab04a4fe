/** RA certificates for others' keys, for longer, for more than an RA does; and RA keys for other things (RFC 8894; I5). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  authorityInfoAccess,
  basicConstraints,
  crlDistributionPoints,
  extension,
  extKeyUsage,
  keyUsage,
  subjectAltName,
} from "#shared/pki/extensions";
import { octetString } from "#shared/pki/der/writer";
import { commonName, nameDer } from "#shared/pki/name";
import { oids } from "#shared/pki/oids";
import { issuerIdOf, revocationUrls } from "#shared/pki/revocation-urls";
import { type Attack, hold, openTarget, type Target } from "#test/signer/attack";
import { makeRa, type Ra, raExtensions, raNameDer, raSpec } from "#test/signer/ra";
import {
  caExtensions,
  type Chain,
  day,
  dns,
  leafExtensions,
  names,
  request,
  revocationBaseUrl,
  spec,
  type Workshop,
} from "#test/signer/workshop";

let target: Target;
let chain: Chain;
let workshop: Workshop;
let ra: Ra;
/** Of a key that has no certificate yet. */
let fresh: Uint8Array;

beforeAll(async () => {
  target = await openTarget();
  ({ chain, workshop } = target);
  ra = await makeRa(workshop, chain);
  fresh = (await workshop.service.generateKey(raSpec("ra-2"))).spki;
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** A certificate of the fresh key, with the extensions that are named first in the place of the usual ones. */
const freshTbs = (change: (usual: Uint8Array[]) => Uint8Array[], over: Parameters<Ra["raTbs"]>[0] = {}) =>
  ra.raTbs({ spki: fresh, extensions: change(raExtensions(chain.ca.spki, fresh)), ...over });
const at = (index: number, one: Uint8Array) => (usual: Uint8Array[]) => usual.with(index, one);
const and = (one: Uint8Array) => (usual: Uint8Array[]) => [...usual, one];
const same = (usual: Uint8Array[]) => usual;

describe("an RA certificate", () => {
  const attacks: readonly Omit<Attack, "handle">[] = [
    {
      what: "for a stranger's key",
      tbs: () => ra.raTbs({ spki: chain.leafSpki, extensions: raExtensions(chain.ca.spki, chain.leafSpki) }),
      reason: /only for this CA's own delegated key/,
    },
    {
      what: "for the key of an OCSP responder",
      tbs: () => ra.raTbs({ spki: chain.ocsp.spki, extensions: raExtensions(chain.ca.spki, chain.ocsp.spki) }),
      reason: /only for this CA's own delegated key/,
    },
    {
      what: "for a CA key",
      tbs: () => ra.raTbs({ spki: chain.open.spki, extensions: raExtensions(chain.ca.spki, chain.open.spki) }),
      reason: /only for this CA's own delegated key/,
    },
    {
      what: "for the RA key of another tenant's CA of the same handle",
      tbs: async () => {
        await workshop.service.generateKey(spec({ tenant: "other", handle: "ca", purpose: "issuing-ca" }));
        const { spki } = await workshop.service.generateKey({ ...raSpec(), tenant: "other" });
        return ra.raTbs({ spki, extensions: raExtensions(chain.ca.spki, spki) });
      },
      reason: /only for this CA's own delegated key/,
    },
    { what: "a second one for its key", tbs: () => ra.raTbs(), reason: /has its RA certificate already/ },
    {
      what: "as an OCSP responder",
      tbs: () => freshTbs(at(3, extKeyUsage(["OCSPSigning"]))),
      reason: /OCSPSigning is certified only/,
    },
    {
      what: "as a TLS server",
      tbs: () => freshTbs(at(3, extKeyUsage(["serverAuth"]))),
      reason: /belongs to this signer and cannot be certified as a leaf's/,
    },
    {
      what: "as a TLS server too",
      tbs: () => freshTbs(at(3, extKeyUsage(["cmcRA", "serverAuth"]))),
      reason: /no other usage than cmcRA/,
    },
    {
      what: "as an OCSP responder too",
      tbs: () => freshTbs(at(3, extKeyUsage(["cmcRA", "OCSPSigning"]))),
      reason: /OCSPSigning is certified only/,
    },
    {
      what: "for 30 days and a second",
      tbs: () => freshTbs(same, { notAfterMs: workshop.clock.now() - 60_000 + 30 * day + 1000 }),
      reason: /outside this key's limits/,
    },
    {
      what: "from the day before yesterday",
      tbs: () => freshTbs(same, { notBeforeMs: workshop.clock.now() - 2 * day }),
      reason: /more than 24 hours back/,
    },
    {
      what: "that only signs",
      tbs: () => freshTbs(at(2, keyUsage(["digitalSignature"]))),
      reason: /digitalSignature and keyEncipherment, no other/,
    },
    {
      what: "that signs certificates",
      tbs: () => freshTbs(at(2, keyUsage(["digitalSignature", "keyEncipherment", "keyCertSign"]))),
      reason: /must not sign certificates/,
    },
    { what: "that is a CA", tbs: () => freshTbs(and(basicConstraints(true, 0))), reason: /does not certify CAs/ },
    {
      what: "with a DNS name",
      tbs: () => freshTbs(and(subjectAltName(dns("www.example.test")))),
      reason: /2\.5\.29\.17 is not on the list/,
    },
    {
      what: "with a CRL",
      tbs: () => freshTbs(and(crlDistributionPoints([`${revocationBaseUrl}/x.crl`]))),
      reason: /2\.5\.29\.31 is not on the list/,
    },
    {
      what: "with an OCSP URL",
      tbs: () => {
        const { ocspUrl } = revocationUrls(revocationBaseUrl, issuerIdOf(chain.ca.spki));
        return freshTbs(and(authorityInfoAccess({ ocsp: [ocspUrl] })));
      },
      reason: /names no OCSP/,
    },
    {
      what: "that leads elsewhere",
      tbs: () => freshTbs(and(authorityInfoAccess({ caIssuers: ["http://elsewhere.test/ca.cer"] }))),
      reason: /is not below/,
    },
    {
      what: "with a noRevAvail that says more than nothing",
      tbs: () => freshTbs(at(4, extension(oids.noRevAvail, false, octetString(new Uint8Array(0))))),
      reason: /noRevAvail is not as this signer would write it/,
    },
    {
      what: "in the name of the CA",
      tbs: () => freshTbs(same, { subjectNameDer: names.ca }),
      reason: /must not be named as its issuer/,
    },
    {
      what: "in the name of another CA",
      tbs: () => freshTbs(same, { subjectNameDer: names.open }),
      reason: /is the name of CA key open/,
    },
    {
      what: "in nobody's name",
      tbs: () => freshTbs(same, { subjectNameDer: nameDer([]) }),
      reason: /is named RA [a-z2-7]{20} and a number/,
    },
    {
      what: "in the name of another CA's RA",
      tbs: () => freshTbs(same, { subjectNameDer: raNameDer({ ca: chain.open }) }),
      reason: /is named RA/,
    },
    {
      what: "in a free name",
      tbs: () => freshTbs(same, { subjectNameDer: nameDer(commonName("Registration Authority")) }),
      reason: /is named RA/,
    },
  ];
  hold(
    () => target,
    attacks.map((attack) => ({ ...attack, handle: "ca" })),
  );

  hold(
    () => target,
    [
      {
        what: "of another CA than the key was made for",
        handle: "open",
        tbs: () =>
          ra.raTbs({ issuerNameDer: names.open, spki: fresh, extensions: raExtensions(chain.open.spki, fresh) }),
        reason: /only for this CA's own delegated key/,
      },
      {
        what: "as an issuing CA below the root",
        handle: "root",
        tbs: () => chain.openTbs({ spki: fresh, extensions: caExtensions(chain.root.spki, fresh, 0) }),
        reason: /is an ra key and cannot become a CA/,
      },
      ...["RA ID 1", "ra ID 1", " RA  ID\u00a01 ", "RA UPPER 1", "RA ID 2222"].map((text) => ({
        what: `that a leaf is named by: ${JSON.stringify(text)}`,
        handle: "open",
        tbs: () => {
          const id = issuerIdOf(chain.ca.spki);
          const name = text.replace("ID", id).replace("UPPER", id.toUpperCase());
          return chain.openLeafTbs({ subjectNameDer: nameDer(commonName(name)) });
        },
        reason: /must not be named as an RA/,
      })),
      {
        what: "as a leaf",
        handle: "ca",
        tbs: () => chain.leafTbs({ spki: fresh, extensions: leafExtensions(chain.ca.spki, fresh) }),
        reason: /belongs to this signer/,
      },
    ],
  );

  test("as it should be is signed, once", async () => {
    await workshop.service.generateKey(raSpec("ra-3"));
    const { spki } = await workshop.service.generateKey(raSpec("ra-3"));
    const tbs = () => ra.raTbs({ spki, extensions: raExtensions(chain.ca.spki, spki) });
    await workshop.service.sign(request("certificate", "ca", tbs()));
    await expect(workshop.service.sign(request("certificate", "ca", tbs()))).rejects.toThrow(/already/);
  });
});

describe("an RA key", () => {
  test.each([
    { what: "that answers for nobody", over: { limits: {} }, reason: /names the CA key/ },
    { what: "of a root", over: { limits: { issuerHandle: "root" } }, reason: /a root enrols nobody/ },
    { what: "of an OCSP key", over: { limits: { issuerHandle: "ocsp" } }, reason: /has no CA key ocsp/ },
    { what: "of another tenant's CA", over: { limits: { issuerHandle: "theirs" } }, reason: /has no CA key theirs/ },
    ...["P-256", "RSA-4096", "RSA-PSS-2048", "ML-DSA-65"].map((algorithm) => ({
      what: `of algorithm ${algorithm}`,
      over: { algorithm },
      reason: /an ra key is of RSA-2048 or RSA-3072/,
    })),
  ])("is not made $what", async ({ over, reason }) => {
    const wanted = { ...raSpec("new"), ...over } as ReturnType<typeof spec>;
    await expect(workshop.service.generateKey(wanted)).rejects.toMatchObject({
      code: "guard_refused",
      message: expect.stringMatching(reason) as unknown,
    });
  });

  const others = ["certificate", "crl", "ocsp", "checkpoint"] as const;
  hold(
    () => target,
    others.map((type) => ({
      what: `signs no ${type}`,
      type,
      handle: "ra",
      tbs: () => chain.leafTbs(),
      reason: /signs no/,
    })),
  );
  hold(
    () => target,
    (["root", "ca", "ocsp"] as const).flatMap((handle) => [
      { what: `${handle} signs no cms`, type: "cms", handle, tbs: () => ra.certRep(), reason: /signs no cms/ },
      { what: `${handle} signs no cmp`, type: "cmp", handle, tbs: () => ra.cmp(), reason: /signs no cmp/ },
    ]),
  );
  hold(
    () => target,
    [
      {
        what: "that is not certified signs nothing",
        type: "cms",
        handle: "ra-2",
        tbs: () => ra.certRep(),
        reason: /no RA certificate yet/,
      },
      {
        what: "that is not certified answers nothing",
        type: "cmp",
        handle: "ra-2",
        tbs: () => ra.cmp(),
        reason: /no RA certificate yet/,
      },
    ],
  );
});
