/**
 * One certificate's life as a relying party sees it, through the front door: issue, the CA's certificate where the leaf says
 * that it is, OCSP good there, revoke, OCSP revoked. Whatever does not come is an alarm.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { generateLeafKey } from "#shared/crypto/leaf-key";
import { base64, utf8, utf8Text } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { buildCsr } from "#shared/pki/build-csr";
import { type Certificate, parseCertificate } from "#shared/pki/certificate";
import { sequence } from "#shared/pki/der/writer";
import { canonicalName } from "#shared/pki/general-name";
import { commonName } from "#shared/pki/name";
import { certIdFor, parseOcspResponse } from "#shared/pki/ocsp";
import { pemDecode, pemEncode } from "#shared/pki/pem";
import type { FrontDoor } from "#shared/ports/front-door";

export interface CanaryDeps {
  readonly door: FrontDoor;
  /** Of the canary's own tenant; may issue, and so revoke. */
  readonly token: string;
  /** Makes the name of each operation. */
  readonly newId: () => string;
}

/** Long enough for a run, short enough that what a broken run leaves behind ends by itself. */
const validitySeconds = 3_600;
const name = "canary.invalid";
const maxTries = 5;
const pauseMs = 1_000;

export type Step = "issue" | "ca-certificate" | "ocsp-good" | "revoke" | "ocsp-revoked";

/**
 * @param onStep told before each step
 * @throws Failure `unavailable` that names the step and what came instead
 */
export function createCanary({ door, token, newId }: CanaryDeps) {
  async function api(step: Step, path: string, body: object): Promise<Record<string, unknown>> {
    const answer = await door.ask("POST", `api:/api/v1${path}`, {
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "idempotency-key": newId(),
      },
      body: utf8(JSON.stringify(body)),
    });
    const text = utf8Text(answer.body);
    if (answer.status >= 300) throw failed(step, `the API answered ${answer.status}: ${text.slice(0, 300)}`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  async function status(step: Step, leaf: Certificate, ca: Certificate, by: "GET" | "POST"): Promise<string> {
    const certId = certIdFor(leaf.issuerDer, ca.spki, leaf.serialHex, "sha1");
    const request = sequence(sequence(sequence(sequence(certId.der))));
    const url = urlOf(step, leaf.ocspUrls);
    const ask = () =>
      by === "GET"
        ? door.ask("GET", `${url}/${encodeURIComponent(base64(request))}`)
        : door.ask("POST", url, { headers: { "content-type": "application/ocsp-request" }, body: request });
    let answer = await ask();
    // `tryLater` (RFC 6960 2.3): a responder's certificate is being made, say.
    for (let tries = 1; answer.status === 503 && tries < maxTries; tries++) {
      await sleep(pauseMs);
      answer = await ask();
    }
    if (answer.status !== 200) throw failed(step, `the responder answered ${answer.status}`);
    const [single] = parseOcspResponse(answer.body).basic?.responses ?? [];
    return single?.status.type ?? "nothing";
  }

  return async (onStep: (step: Step) => void = () => undefined): Promise<void> => {
    onStep("issue");
    const issued = await api("issue", "/certificates", { csr: newCsr(), validity_seconds: validitySeconds });
    const leaf = parseCertificate(pemDecode(String(issued["certificate"]), "CERTIFICATE")[0] ?? new Uint8Array());
    onStep("ca-certificate");
    const found = await door.ask("GET", urlOf("ca-certificate", leaf.caIssuersUrls));
    if (found.status !== 200) throw failed("ca-certificate", `the URL in the leaf answered ${found.status}`);
    const ca = parseCertificate(found.body);
    onStep("ocsp-good");
    // By GET, as most ask: through the edge and its bucket.
    const before = await status("ocsp-good", leaf, ca, "GET");
    if (before !== "good") throw failed("ocsp-good", `OCSP says ${before}`);
    onStep("revoke");
    await api("revoke", `/certificates/${String(issued["id"])}/revoke`, { reason: "superseded" });
    onStep("ocsp-revoked");
    // By POST: a cache may say what it heard for another minute.
    const after = await status("ocsp-revoked", leaf, ca, "POST");
    if (after !== "revoked") throw failed("ocsp-revoked", `OCSP says ${after} of what is revoked`);
  };
}

function newCsr(): string {
  const key = generateLeafKey();
  const csr = buildCsr({
    subject: commonName(name),
    names: [canonicalName("dns", name)],
    spki: key.spki,
    signatureAlgorithm: key.signatureAlgorithm,
    sign: key.sign,
  });
  key.pkcs8.wipe();
  return pemEncode("CERTIFICATE REQUEST", csr);
}

function urlOf(step: Step, urls: readonly string[]): string {
  const [url] = urls;
  if (url === undefined) throw failed(step, "the leaf names no URL for it: the canary's profile must leave them in");
  return url;
}

const failed = (step: Step, detail: string): Failure => new Failure("unavailable", `canary, ${step}: ${detail}`);
