/** Requests made before the clock starts, whole to the last byte, and what a right answer to each looks like. */
import { randomBytes, randomUUID } from "node:crypto";
import { base64, fromBase64 } from "#shared/kernel/bytes";
import { explicit, octetString, oid, sequence } from "#shared/pki/der/writer";
import { oids } from "#shared/pki/oids";
import { pemDecode } from "#shared/pki/pem";
import { csrFor } from "../csr.ts";
import { cmpRequests } from "./cmp.ts";
import { scepRequests } from "./scep.ts";
import type { Answer } from "./connection.ts";
import type { Requests, Target } from "./protocol.ts";

export interface Prepared {
  readonly messages: readonly Buffer[];
  /** @returns what is wrong with the answer to the message at that place, undefined when nothing is */
  wrong(answer: Answer, at: number): string | undefined;
}

export function prepareRequests(requests: Requests, target: Target, count: number): Prepared {
  switch (requests.kind) {
    case "issue":
      return issueRequests(requests.token, target, count);
    case "est":
      return estRequests(requests, target, count);
    case "cmp": {
      const { bodies, wrong } = cmpRequests(requests.reference, requests.secret, count);
      const fields = ["Content-Type: application/pkixcmp"];
      return { messages: bodies.map((body) => message(target, `POST ${requests.path}`, fields, body)), wrong };
    }
    case "scep": {
      const { bodies, wrong } = scepRequests(requests.ra, requests.challenge, count);
      const fields = ["Content-Type: application/x-pki-message"];
      return { messages: bodies.map((body) => message(target, `POST ${requests.path}`, fields, body)), wrong };
    }
    case "list":
      return listRequests(requests, target, count);
    case "ocsp-nonce":
      return ocspWithNonce(requests, target, count);
    case "ocsp-get":
      return ocspByGet(requests, target, count);
  }
}

function message(target: Target, start: string, fields: readonly string[], body: Uint8Array): Buffer {
  const head = [`${start} HTTP/1.1`, `Host: localhost:${target.port}`, ...fields];
  if (body.length > 0) head.push(`Content-Length: ${body.length}`);
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]);
}

const nothing = new Uint8Array(0);

/** A new key, a new name and a new Idempotency-Key each, so that nothing can come from a cache. */
function issueRequests(token: string, target: Target, count: number): Prepared {
  const run = randomBytes(4).toString("hex");
  const messages = Array.from({ length: count }, (_, at) => {
    const body = Buffer.from(JSON.stringify({ csr: csrFor(`host-${at}.${run}.example.test`) }));
    const fields = [
      `Authorization: Bearer ${token}`,
      `Idempotency-Key: ${randomUUID()}`,
      "Content-Type: application/json",
    ];
    return message(target, "POST /api/v1/certificates", fields, body);
  });
  return {
    messages,
    wrong({ status, head, body }, at) {
      if (status !== 201) return "not created";
      if (head.includes("idempotency-replayed")) return "a replay, not an issuance";
      if (!body.includes('"certificate":"-----BEGIN CERTIFICATE-----')) return "no certificate in the answer";
      return body.includes(`host-${at}.${run}.example.test`) ? undefined : "the certificate of another request";
    },
  };
}

/** A new key and a new name each: the same request again would be answered from what it brought before. */
function estRequests(
  { path, authorization }: Extract<Requests, { kind: "est" }>,
  target: Target,
  count: number,
): Prepared {
  const run = randomBytes(4).toString("hex");
  const nameOf = (at: number): string => `est-${at}.${run}.example.test`;
  const fields = [`Authorization: ${authorization}`, "Content-Type: application/pkcs10"];
  return {
    messages: Array.from({ length: count }, (_, at) => {
      const [csr = new Uint8Array()] = pemDecode(csrFor(nameOf(at)), "CERTIFICATE REQUEST");
      return message(target, `POST ${path}`, fields, Buffer.from(base64(csr)));
    }),
    wrong({ status, body }, at) {
      if (status !== 200) return "not enrolled";
      const bag = fromBase64(body.toString("latin1"));
      return Buffer.from(bag.buffer).includes(nameOf(at)) ? undefined : "the certificate of another request";
    },
  };
}

function listRequests(requests: Extract<Requests, { kind: "list" }>, target: Target, count: number): Prepared {
  const { token, limit, cursors } = requests;
  const fields = [`Authorization: Bearer ${token}`];
  return {
    messages: Array.from({ length: count }, (_, at) =>
      message(
        target,
        `GET /api/v1/certificates?limit=${limit}&cursor=${cursors[at % cursors.length]}`,
        fields,
        nothing,
      ),
    ),
    wrong({ status, body }) {
      if (status !== 200) return "no page";
      const { items } = JSON.parse(body.toString("utf8")) as { items: readonly { not_after: string }[] };
      if (items.length !== limit) return `${items.length} certificates, not ${limit}`;
      return items.every(({ not_after }, n) => n === 0 || not_after >= (items[n - 1]?.not_after ?? ""))
        ? undefined
        : "not in the order of expiry";
    },
  };
}

/** OCSPRequest with one CertID and no extension, or a nonce (RFC 6960 4.1.1, 4.4.1). */
function ocspRequest(certId: Uint8Array, nonce?: Uint8Array): Uint8Array {
  const list = sequence(sequence(certId));
  if (nonce === undefined) return sequence(sequence(list));
  const extension = sequence(oid(oids.ocspNonce), octetString(octetString(nonce)));
  return sequence(sequence(list, explicit(2, sequence(extension))));
}

interface OcspRequests {
  readonly path: string;
  readonly certIds: readonly string[];
}

const serialPart = 20;

function ocspWithNonce({ path, certIds }: OcspRequests, target: Target, count: number): Prepared {
  const ids = certIds.map(fromBase64);
  const nonces = Array.from({ length: count }, () => randomBytes(16));
  const fields = ["Content-Type: application/ocsp-request"];
  return {
    messages: nonces.map((nonce, at) => message(target, `POST ${path}`, fields, ocspRequest(idAt(ids, at), nonce))),
    wrong: (answer, at) =>
      wrongOcsp(answer, idAt(ids, at)) ??
      (answer.body.includes(nonces[at] as Buffer) ? undefined : "another nonce than the one sent"),
  };
}

function ocspByGet({ path, certIds }: OcspRequests, target: Target, count: number): Prepared {
  const ids = certIds.map(fromBase64);
  const each = ids.map((id) =>
    message(target, `GET ${path}/${encodeURIComponent(base64(ocspRequest(id)))}`, [], nothing),
  );
  return {
    messages: Array.from({ length: count }, (_, at) => each[at % each.length] as Buffer),
    wrong: (answer, at) => wrongOcsp(answer, idAt(ids, at)),
  };
}

const idAt = (ids: readonly Uint8Array[], at: number): Uint8Array => ids[at % ids.length] as Uint8Array;

/** `responseStatus successful`, then `good` right after the serial that was asked for (RFC 6960 4.2.1). */
function wrongOcsp({ status, body }: Answer, certId: Uint8Array): string | undefined {
  if (status !== 200) return "not answered";
  if (!(body[0] === 0x30 && body[4] === 0x0a && body[5] === 1 && body[6] === 0)) return "not successful";
  const tail = certId.subarray(-serialPart);
  const at = body.indexOf(tail);
  if (at < 0) return "about another certificate";
  return body[at + tail.length] === 0x80 ? undefined : "not good";
}
