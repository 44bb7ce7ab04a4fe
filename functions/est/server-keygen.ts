/** serverkeygen (RFC 7030 4.4): the key is made here, goes out once, and is kept nowhere. */
import { makeLeafKey, leafKeyAlgorithms } from "#shared/crypto/leaf-key";
import { sha256Hex } from "#shared/crypto/hash";
import type { Answer } from "#shared/http/answer";
import { base64Bytes, concat, sameBytes, utf8 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { parseCertificate } from "#shared/pki/certificate";
import { certsOnly } from "#shared/pki/cms/certs-only";
import { type Csr, parseCsr } from "#shared/pki/csr";
import { readDer } from "#shared/pki/der/reader";
import { keyAlgorithmName, parseSpki } from "#shared/pki/key";
import { oids } from "#shared/pki/oids";
import { certificateRequest } from "#shared/usecases/certificate-request";
import { enrol, enrolled } from "#shared/usecases/enrol";
import { countUse } from "#shared/usecases/enrolment-credentials";
import type { Issued } from "#shared/usecases/issue-certificate";
import { certsOnlyType } from "./answers.ts";
import { authenticate } from "./client.ts";
import { assertServedAttributes, enrolmentOf } from "./enroll.ts";
import { type Exchange, readRequestBody } from "./exchange.ts";

/**
 * Key values and signature of the request are not looked at (4.4.1); the kind of its key is the kind that is made. The same
 * request again is told what it brought: its key is not there to be given out twice.
 */
export async function serverKeygen(exchange: Exchange): Promise<Answer> {
  const { deps, endpoint, request, peer, trace } = exchange;
  if (!endpoint.state.server_keys)
    throw new Failure("not_found", "this endpoint makes no keys; use simpleenroll with a key of your own");
  const client = await authenticate(deps, endpoint, request.headers, peer);
  if (endpoint.state.approval === "manual")
    throw new Failure(
      "forbidden",
      "this endpoint asks a person before it issues, and keeps no key until then; use simpleenroll with a key of your own",
    );
  const der = await readRequestBody(exchange);
  return deps.pool.run(async () => {
    const csr = parseCsr(der);
    assertPlainKey(csr);
    const enrolment = enrolmentOf(client, `serverkeygen/${client.subject}/${sha256Hex(der)}`);
    await assertMayCome(exchange, enrolment);
    const key = await newKey(csr);
    using pkcs8 = key.pkcs8;
    const made = parseSpki(readDer(key.spki));
    const outcome = await enrol(deps, {
      ...enrolment,
      endpoint,
      protocol: "est",
      request: { proven: certificateRequest({ ...csr, key: made }), bytes: der },
      trace,
    });
    if (!("issued" in outcome)) throw new TypeError("serverkeygen: an automatic endpoint left a request pending");
    const { issued } = outcome;
    if (!sameBytes(parseCertificate(issued.der).spki, key.spki)) throw keyIsGone(issued);
    return keyAnswer(pkcs8.reveal(), issued.der);
  }, endpoint.tenant);
}

/** Before a key is made, which is the dear part. @throws Failure `conflict`, `unauthenticated` */
async function assertMayCome(
  { deps, endpoint }: Exchange,
  { transaction, credential }: ReturnType<typeof enrolmentOf>,
): Promise<void> {
  const before = await enrolled(deps, { endpoint, protocol: "est", transaction });
  if (before !== undefined && "issued" in before) throw keyIsGone(before.issued);
  if (credential !== undefined) await countUse(deps, endpoint.tenant, credential.id, transaction);
}

const keyIsGone = ({ certificate: { id } }: Issued): Failure =>
  new Failure(
    "conflict",
    `this request was answered before, with certificate ${id} and a key that was shown once and is not kept; for another key send a new request`,
  );

async function newKey({ key }: Csr) {
  const name = keyAlgorithmName(key);
  const made = await makeLeafKey(name);
  if (made === undefined)
    throw new Failure("invalid_field", `keys ${name} are not made here; ${leafKeyAlgorithms.join(", ")} are`, {
      field: "csr",
    });
  return made;
}

/** 4.4.1: a key asked for under encryption must not go out without. @throws Failure `invalid_field` */
function assertPlainKey(csr: Csr): void {
  assertServedAttributes(csr);
  const asked = [oids.decryptKeyID, oids.asymmDecryptKeyID].some((oid) => csr.attributes.includes(oid));
  if (asked)
    throw new Failure(
      "invalid_field",
      "the request asks for its key to be encrypted (DecryptKeyIdentifier or AsymmetricDecryptKeyIdentifier, RFC 7030 4.4.1), which is not served; without that the key goes out under TLS",
      { field: "csr" },
    );
}

/** No base64 has it. */
const boundary = "est-server-key";

/** 4.4.2: key and certificate, each a part. */
function keyAnswer(pkcs8: Uint8Array, certificate: Uint8Array): Answer {
  const key = base64Bytes(pkcs8);
  const part = (type: string, first = ""): Uint8Array =>
    utf8(`${first}--${boundary}\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\n\r\n`);
  const body = concat(
    part("application/pkcs8"),
    key,
    part(certsOnlyType, "\r\n"),
    base64Bytes(certsOnly([certificate])),
    utf8(`\r\n--${boundary}--\r\n`),
  );
  key.fill(0);
  return {
    status: 200,
    headers: { "content-type": `multipart/mixed; boundary=${boundary}`, "cache-control": "no-store" },
    body: body as Uint8Array<ArrayBuffer>,
  };
}
