/** A house with SCEP endpoints, and a client of ours at its door: everything by HTTP requests, as clients make them. */
import type { FunctionDeps } from "#functions/function";
import { createScep } from "#functions/scep/app";
import { randomBytes } from "#shared/crypto/random";
import type { EndpointSettings } from "#shared/domain/enrolment-endpoint/enrolment-endpoint";
import type { LoggedEvent } from "#shared/ports/event-log";
import { createPool } from "#shared/http/pool";
import { hex } from "#shared/kernel/bytes";
import { parseSignedData } from "#shared/pki/cms/signed-data";
import { commonName, type Name } from "#shared/pki/name";
import { messageTypes } from "#shared/pki/scep/message-types";
import { createCredential } from "#shared/usecases/enrolment-credentials";
import { createEndpoint } from "#shared/usecases/enrolment-endpoints";
import { adminCall, type House, openHouse } from "#test/in-process/house";
import { type MessageSpec, pkiMessage, selfSigned } from "./message.ts";
import { openEnvelope, type ReadCertRep, readCertRep } from "./read-cert-rep.ts";
import { certificationRequest } from "./request.ts";
import { newRsaSigner, type RsaSigner } from "./rsa.ts";

export const tenant = "acme";

const settings: EndpointSettings = {
  protocols: ["scep"],
  issuer: null,
  profile: "default",
  owner: null,
  auth: ["secret", "certificate"],
  approval: "automatic",
  validate_names: true,
  server_keys: false,
  private_networks: false,
  legacy_algorithms: false,
  default: false,
};

// Generating RSA keys is most of what these tests would cost.
const spare: RsaSigner[] = [];
/** A key that no other test of the file has. @param at which of its own a test means */
export const rsaKey = (at = 0): RsaSigner => (spare[at] ??= newRsaSigner());

export interface Scene extends AsyncDisposable {
  readonly house: House;
  /** @returns its label */
  open(over?: Partial<EndpointSettings>, of?: string): Promise<string>;
  /** What was issued through an endpoint, oldest first, as the log has it. */
  issued(label: string): Promise<readonly LoggedEvent[]>;
  /** @returns a challengePassword */
  challenge(label: string, ...names: readonly string[]): Promise<string>;
  http(method: string, pathAndQuery: string, body?: Uint8Array, headers?: Record<string, string>): Promise<Response>;
  /** DER of the RA certificate, then the chain. */
  caCertificates(label: string): Promise<readonly Uint8Array[]>;
  /** A CertRep that verifies, by the RA certificate that the client knows. */
  send(label: string, message: Uint8Array, ra?: Uint8Array): Promise<ReadCertRep>;
}

let opened = 0;
const owners = new Map<string, string>();

/**
 * @param concurrency of the function's own bulkhead
 * @param instead what the function is given instead of the house's own
 */
export async function openScene(
  concurrency = 16,
  tenants: readonly string[] = [tenant],
  instead: (deps: House["deps"]) => Partial<FunctionDeps> = () => ({}),
): Promise<Scene> {
  const house = await openHouse(tenants);
  const { deps } = house;
  const app = createScep({ ...deps, ...instead(deps), pool: createPool(concurrency) });
  const http: Scene["http"] = async (method, path, body, headers = {}) =>
    app.fetch(
      new Request(`http://localhost${path}`, {
        method,
        headers: { host: "localhost", ...headers },
        ...(body !== undefined && { body: body as Uint8Array<ArrayBuffer> }),
      }),
      { address: "127.0.0.1", certificate: undefined },
    );
  const bytesOf = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer());
  const caCertificates = async (label: string): Promise<readonly Uint8Array[]> =>
    parseSignedData(await bytesOf(await http("GET", `/scep/${label}?operation=GetCACert`))).certificates;
  return {
    house,
    http,
    caCertificates,
    async open(over = {}, of = tenant) {
      const label = `endpoint-${++opened}`;
      owners.set(label, of);
      await createEndpoint(deps, adminCall(of), label, { ...settings, ...over });
      return label;
    },
    async issued(label) {
      const events = await deps.log.read(tenant, 0, 0, 10_000);
      return events.filter(({ event }) => event.type === "certificate.issued" && event.data.endpoint === label);
    },
    async challenge(label, ...names) {
      const expiresAt = new Date(deps.clock.now() + 86_400_000).toISOString();
      const { id, secret } = await createCredential(deps, adminCall(owners.get(label) ?? tenant), {
        endpoint: label,
        names,
        maxUses: 1,
        expiresAt,
      });
      return `${id}.${secret}`;
    },
    async send(label, message, ra) {
      const response = await http("POST", `/scep/${label}?operation=PKIOperation`, message);
      const body = await bytesOf(response);
      if (response.status !== 200) throw new Error(`HTTP ${response.status}: ${Buffer.from(body).toString()}`);
      if (response.headers.get("content-type") !== "application/x-pki-message") throw new Error("content-type");
      const [current] = await caCertificates(label);
      return readCertRep(body, ra ?? current ?? body);
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}

export const deviceName: Name = commonName("device.example.com");

export type Asking = Partial<MessageSpec> & {
  readonly key?: RsaSigner;
  readonly ra: Uint8Array;
  readonly challenge?: string | undefined;
  readonly names?: readonly string[];
};

/** A PKCSReq by a self-signed certificate; whatever is given instead counts. */
export function enrolment({
  key = rsaKey(),
  ra,
  challenge,
  names = ["device.example.com"],
  ...over
}: Asking): Uint8Array {
  return pkiMessage({
    signer: key,
    certificate: selfSigned(key, deviceName),
    recipient: ra,
    messageType: messageTypes.PKCSReq,
    transactionId: hex(randomBytes(16)).toUpperCase(),
    content: certificationRequest({ signer: key, subject: deviceName, names, challenge }),
    ...over,
  });
}

/** The certificates that a SUCCESS brings, DER. */
function certificatesIn({ status, envelope, text }: ReadCertRep, key: RsaSigner = rsaKey()): Uint8Array[] {
  if (status !== "SUCCESS" || envelope === undefined) throw new Error(`CertRep: ${status}: ${text}`);
  return [...parseSignedData(openEnvelope(envelope, key).content).certificates];
}

/** Its one certificate. */
export function certificateIn(rep: ReadCertRep, key: RsaSigner = rsaKey()): Uint8Array {
  const [certificate, ...others] = certificatesIn(rep, key);
  if (certificate === undefined || others.length > 0) throw new Error("CertRep: not one certificate");
  return certificate;
}
