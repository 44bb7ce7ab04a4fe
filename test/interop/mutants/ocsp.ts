import {
  enumerated,
  explicit,
  generalizedTime,
  implicit,
  implicitConstructed,
  octetString,
  sequence,
} from "#shared/pki/der/writer";
import { extension } from "#shared/pki/extensions";
import { keyIdentifier } from "#shared/pki/key";
import { assembleBasicResponse, certIdFor } from "#shared/pki/ocsp";
import { oids } from "#shared/pki/oids";
import { signWith } from "#test/vectors/x509";
import { begin, ca, issuerName, mutantsOf, neither, type Row } from "./mutant.ts";

const hour = 3_600_000;
const good = implicit(0, new Uint8Array(0));
const revoked = (code: number): Uint8Array =>
  implicitConstructed(1, generalizedTime(begin), explicit(0, enumerated(code)));

interface Response {
  readonly status?: Uint8Array;
  readonly responder?: Uint8Array;
  readonly thisUpdateMs?: number;
  readonly nextUpdateMs?: number;
  readonly more?: Uint8Array;
}

function response({
  status = good,
  responder = explicit(2, octetString(keyIdentifier(ca.spki))),
  thisUpdateMs = begin,
  nextUpdateMs = begin + 24 * hour,
  more = new Uint8Array(0),
}: Response = {}): Uint8Array {
  const single = sequence(
    certIdFor(issuerName, ca.spki, "0102", "sha1").der,
    status,
    generalizedTime(thisUpdateMs),
    explicit(0, generalizedTime(nextUpdateMs)),
  );
  const tbs = sequence(responder, generalizedTime(begin + 1000), sequence(single), more);
  return assembleBasicResponse(tbs, ca.algorithm, signWith(ca, tbs), []);
}

/** @param value DER of the extension's own type */
const nonce = (value: Uint8Array): Uint8Array => explicit(1, sequence(extension(oids.ocspNonce, false, value)));

const responses: readonly Row[] = [
  ["over before it began", response({ nextUpdateMs: begin - hour }), "ocsp-times", ["pkilint"]],
  ["of the future", response({ thisUpdateMs: begin + hour }), "ocsp-times", ["zlint"]],
  ["reason 7", response({ status: revoked(7) }), "encoding", neither],
  ["on hold", response({ status: revoked(6) }), "tls-ocsp-reason", neither],
  ["a nonce that is no OCTET STRING", response({ more: nonce(new Uint8Array(16)) }), "encoding", ["pkilint"]],
  ["a nonce of 129 octets", response({ more: nonce(octetString(new Uint8Array(129))) }), "encoding", neither],
  ["five minutes", response({ nextUpdateMs: begin + hour / 12 }), "tls-ocsp-lifetime", neither],
];

export const ocspMutants = mutantsOf({ kind: "OCSP response", name: "the sound response", der: response() }, responses);
