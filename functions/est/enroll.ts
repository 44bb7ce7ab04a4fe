/** simpleenroll and simplereenroll (RFC 7030 4.2): a request in, a certificate out, or a while of waiting. */
import { sha256Hex } from "#shared/crypto/hash";
import type { Answer } from "#shared/http/answer";
import { retryAfterSeconds } from "#shared/kernel/shown-failure";
import { Failure, isFailure } from "#shared/kernel/failure";
import { certsOnly } from "#shared/pki/cms/certs-only";
import { type Csr, parseCsr, verifyCsr } from "#shared/pki/csr";
import { oids } from "#shared/pki/oids";
import { certificateRequest } from "#shared/usecases/certificate-request";
import { enrol } from "#shared/usecases/enrol";
import type { Enrolled } from "#shared/usecases/enrolment";
import { base64Answer, certsOnlyType } from "./answers.ts";
import { authenticate, byCertificate, type Client } from "./client.ts";
import { type Exchange, readRequestBody } from "./exchange.ts";

/**
 * The client may come again with the same request, as often as it likes: who asked, for what, is the transaction. Under a
 * client certificate alone it is a renewal of that.
 */
export async function simpleEnroll(exchange: Exchange): Promise<Answer> {
  const { deps, endpoint, request, peer } = exchange;
  return enroll(exchange, "simpleenroll", await authenticate(deps, endpoint, request.headers, peer));
}

/** Subject and names stay, and the certificate that is renewed is the client's own in this very connection (4.2.2). */
export async function simpleReenroll(exchange: Exchange): Promise<Answer> {
  const { deps, endpoint, peer } = exchange;
  if (peer.certificate === undefined)
    throw new Failure(
      "forbidden",
      "simplereenroll renews the TLS client certificate of its connection, and there is none: connect to the port for mTLS with the certificate that is to be renewed (RFC 7030 4.2.2)",
    );
  const client = await byCertificate(deps, endpoint, peer).catch((error: unknown) => {
    // Nothing that HTTP could ask for would help: the certificate is what is wrong.
    throw isFailure(error, "unauthenticated") ? new Failure("forbidden", error.message) : error;
  });
  return enroll(exchange, "simplereenroll", client);
}

async function enroll(exchange: Exchange, operation: string, client: Client): Promise<Answer> {
  const { deps, endpoint, trace } = exchange;
  const der = await readRequestBody(exchange);
  return deps.pool.run(async () => {
    const csr = parseCsr(der);
    assertServedAttributes(csr);
    await verifyCsr(csr);
    const outcome = await enrol(deps, {
      ...enrolmentOf(client, `${operation}/${client.subject}/${sha256Hex(der)}`),
      endpoint,
      protocol: "est",
      request: { proven: certificateRequest(csr), bytes: der },
      trace,
    });
    return "issued" in outcome
      ? base64Answer(certsOnly([outcome.issued.der]), certsOnlyType) // the issued one alone (4.2.3)
      : pendingAnswer(outcome.pending);
  }, endpoint.tenant);
}

export const enrolmentOf = ({ subject, credential, certificate }: Client, transaction: string) => ({
  subject,
  transaction,
  credential,
  renews: certificate,
});

type Pending = Extract<Enrolled, { readonly pending: unknown }>["pending"];

/** 4.2.3. Without a body: Bouncy Castle's client fails on one. */
const pendingAnswer = ({ retryAfterSeconds: seconds }: Pending): Answer => ({
  status: 202,
  headers: { "retry-after": retryAfterSeconds(seconds), "cache-control": "no-store" },
  body: null,
});

const unserved = {
  [oids.changeSubjectName]:
    "changeSubjectName (RFC 6402 2.8): subject and names of a renewal stay; enrol anew for others",
  [oids.challengePassword]:
    "challengePassword: binding a request to its TLS connection (RFC 7030 3.5) is not served; leave the attribute out",
} as const;

/** What would change the meaning of the request must not be passed over. @throws Failure `invalid_field` */
export function assertServedAttributes({ attributes }: Csr): void {
  for (const attribute of attributes) {
    if (!Object.hasOwn(unserved, attribute)) continue;
    throw new Failure(
      "invalid_field",
      `the request has the attribute ${unserved[attribute as keyof typeof unserved]}`,
      {
        field: "csr",
      },
    );
  }
}
