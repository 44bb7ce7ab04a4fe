/** Where this product and pebble 2.4 answer the same request otherwise, and what decides. `docs/acme.md` has the same rows. */
export interface Difference {
  readonly ours: string;
  readonly pebble: string;
  /** The clause, and what it says. */
  readonly clause: string;
}

const rejected = (
  pebble = "400 malformed",
  clause = "RFC 8555 6.7: rejectedIdentifier, no certificate for this identifier",
): Difference => ({
  ours: "403 rejectedIdentifier",
  pebble,
  clause,
});
const hidden = (): Difference => ({
  ours: "404 malformed",
  pebble: "403 unauthorized",
  clause: "RFC 9110 15.5.4: what exists for others only may be hidden",
});
const badCsr = (pebble: string): Difference => ({
  ours: "400 badCSR",
  pebble,
  clause: "RFC 8555 7.4: a refused request at finalize SHOULD be badCSR",
});
const reason = (): Difference => ({
  ours: "400 badRevocationReason",
  pebble: "200",
  clause: "RFC 8555 7.6: reasons may be refused; a subscriber does not speak for a CA, CRL or AA",
});

export const differences: Readonly<Record<string, Difference>> = {
  "the URL of another resource": {
    ours: "403 unauthorized",
    pebble: "400 malformed",
    clause: "RFC 8555 6.4: rejected as unauthorized",
  },
  "alg none": badAlgorithm(),
  "alg HS256": badAlgorithm(),
  "GET newNonce": noStore("204"),
  "HEAD newNonce": noStore("200"),
  "another account's account": {
    ours: "403 unauthorized",
    pebble: "200",
    clause: "RFC 8555 7.3: an account is its key holder's to read",
  },
  "key change to another account's key": {
    ours: "409 malformed, with its Location",
    pebble: "500 serverInternal, without its Location",
    clause: "RFC 8555 7.3.5: 409 with the account's URL in Location",
  },
  "an identifier of another type": {
    ours: "400 unsupportedIdentifier",
    pebble: "400 malformed",
    clause: "RFC 8555 6.7: unsupportedIdentifier, of an unsupported type",
  },
  "a name with an underscore": rejected(),
  "a name with a dot at its end": rejected(),
  "an address as a name": rejected(),
  "an empty name": rejected(),
  "a star in the middle": rejected(),
  "two stars": rejected(),
  "a name with a port": rejected(),
  "an IPv6 address not in short form": rejected("201", "RFC 8738 3: the textual form of RFC 5952 4"),
  "a name as an address": rejected(),
  "a profile that nobody has": {
    ours: "400 invalidProfile",
    pebble: "201",
    clause: "draft-ietf-acme-profiles 4: invalidProfile; pebble 2.4 has no profiles",
  },
  "notAfter that is no time": {
    ours: "400 malformed",
    pebble: "201",
    clause: "RFC 8555 7.1.3: in the format of RFC 3339",
  },
  "the same name twice": {
    ours: "400 malformed, undefined identifiers",
    pebble: "201, 1 identifiers",
    clause: "RFC 8555 7.1.3: an order's identifiers are those of the request; none is dropped in silence",
  },
  "another account's order": hidden(),
  "another account's authorization": hidden(),
  "another account's challenge": hidden(),
  "finalize of another account's order": hidden(),
  "another account's certificate": hidden(),
  "an order that does not exist": {
    ours: "404 malformed",
    pebble: "404",
    clause: "RFC 8555 6.7: errors come as problem documents",
  },
  "an authorization that was deactivated": {
    ours: "200 deactivated, its order invalid",
    pebble: "200 deactivated, its order deactivated",
    clause: "RFC 8555 7.1.6: an order is never deactivated, it becomes invalid",
  },
  "finalize with a further name": badCsr("403 unauthorized"),
  "finalize with another name": badCsr("403 unauthorized"),
  "finalize with an address more": badCsr("403 unauthorized"),
  "finalize with PEM": badCsr("400 malformed"),
  "finalize with what is no request": badCsr("400 malformed"),
  "a certificate": {
    ours: "200 application/pem-certificate-chain, with chain",
    pebble: "200 application/pem-certificate-chain; charset=utf-8, with chain",
    clause: "RFC 8555 9.1: the media type has no parameters",
  },
  "revocation by another account that proved the name": {
    ours: "200",
    pebble: "403 unauthorized",
    clause: "RFC 8555 7.6: who holds authorizations for all identifiers may revoke",
  },
  "revocation for the reason 2": reason(),
  "revocation for the reason 6": reason(),
  "revocation for the reason 8": reason(),
  "dns-01 without a record": failed("dns", "RFC 8555 6.7: dns, a problem with the query"),
  "dns-01 with another value": failed(
    "incorrectResponse",
    "RFC 8555 6.7: incorrectResponse, it did not match the challenge's requirements",
  ),
  "dns-01 when the resolver fails": failed("dns", "RFC 8555 6.7: dns, a problem with the query"),
  "tls-alpn-01 when nobody listens": failed("connection", "RFC 8555 6.7: connection, no connection to the target"),
};

function badAlgorithm(): Difference {
  return { ours: "400 badSignatureAlgorithm", pebble: "400 malformed", clause: "RFC 8555 6.2: badSignatureAlgorithm" };
}

function noStore(status: string): Difference {
  return {
    ours: `${status} no-store`,
    pebble: `${status} public, max-age=0, no-cache`,
    clause: "RFC 8555 7.2: Cache-Control: no-store",
  };
}

function failed(type: string, clause: string): Difference {
  return { ours: `invalid, ${type}, order invalid`, pebble: "invalid, unauthorized, order invalid", clause };
}
