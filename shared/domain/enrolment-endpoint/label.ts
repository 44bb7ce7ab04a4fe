/** Labels: what names an endpoint in public URLs (DESIGN §5). */
import { Failure } from "#shared/kernel/failure";

const shape = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

/** What a standard, or this product, means by the same segment of a path: as a label it would be read as that. */
const reserved: ReadonlySet<string> = new Set(
  [
    // RFC 7030 3.2.2 and 4: operations below /.well-known/est/
    "cacerts simpleenroll simplereenroll fullcmc serverkeygen csrattrs crts est",
    // RFC 9811 3.4, RFC 9483 6: operations below /.well-known/cmp/
    "initialization certification keyupdate pkcs10 revocation getcacerts getrootupdate getcertreqtemplate getcrls nested cmp",
    // RFC 8894 4.1: the program of old clients
    "pkiclient scep",
    // RFC 8555 7.1: resources below /acme/
    "directory new-nonce new-account new-order new-authz revoke-cert key-change renewal-info",
    "account order orders authz challenge certificate finalize acme",
    // Of this product
    "well-known api admin ocsp crl ssh healthz readyz metrics console static",
  ].flatMap((words) => words.split(" ")),
);

/** @throws Failure `invalid_field`, field `label` */
export function assertLabel(label: string): void {
  const refuse = (detail: string): never => {
    throw new Failure("invalid_field", `label ${JSON.stringify(label.slice(0, 80))} ${detail}`, { field: "label" });
  };
  if (!shape.test(label)) refuse("is not 3 to 63 of a-z, 0-9 and -, with - neither first nor last");
  if (reserved.has(label)) refuse("is a word of the enrolment protocols' own paths; choose another");
}
