/** An EST server without a host around it: requests in, answers out, as a client sees them. */
import { createEst } from "#functions/est/app";
import type { FunctionDeps, Peer } from "#functions/function";
import { generateLeafKey, type LeafKey } from "#shared/crypto/leaf-key";
import type { EndpointSettings } from "#shared/domain/enrolment-endpoint/enrolment-endpoint";
import { bearerAuthentication } from "#shared/http/bearer";
import { createPool } from "#shared/http/pool";
import { base64, fromBase64 } from "#shared/kernel/bytes";
import { type Certificate, parseCertificate } from "#shared/pki/certificate";
import { bitString, integer, oid, sequence, set, tlv } from "#shared/pki/der/writer";
import { subjectAltName } from "#shared/pki/extensions";
import { canonicalName } from "#shared/pki/general-name";
import { commonName, nameDer } from "#shared/pki/name";
import { oids } from "#shared/pki/oids";
import { algorithmIdentifier } from "#shared/pki/signature-algorithm";
import { createCredential } from "#shared/usecases/enrolment-credentials";
import { createEndpoint } from "#shared/usecases/enrolment-endpoints";
import { authenticateToken } from "#shared/usecases/tokens";
import { ContentInfo, SignedData } from "pkijs";
import { adminCall, type House } from "./house.ts";

export interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface Ask {
  readonly body?: string | Uint8Array;
  readonly authorization?: string;
  readonly certificate?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
}

type ServerOptions = Partial<FunctionDeps> & { readonly places?: number };

export type EstServer = (path: string, ask?: Ask) => Promise<Said>;

/** @param places of its bulkhead @param instead of what the house has */
export function estServer({ deps: given }: House, { places = 64, ...instead }: ServerOptions = {}): EstServer {
  const deps = { ...given, ...instead };
  const authenticate = bearerAuthentication((token) => authenticateToken(deps, token));
  const server = createEst({ ...deps, authenticate, pool: createPool(places) });
  return async (path, { body, authorization, certificate, headers = {}, method } = {}) => {
    const request = new Request(`https://localhost/.well-known/est/${path}`, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: {
        host: "localhost",
        ...(body !== undefined && { "content-type": "application/pkcs10" }),
        ...(authorization !== undefined && { authorization }),
        ...headers,
      },
      ...(body !== undefined && { body: body as string | Uint8Array<ArrayBuffer> }),
    });
    const peer: Peer = { address: "127.0.0.1", certificate };
    const response = await server.fetch(request, peer);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
}

/** An endpoint, of tenant `acme` unless it is said. */
export async function endpoint(
  { deps }: House,
  label: string,
  more: Partial<EndpointSettings> = {},
  tenant = "acme",
): Promise<void> {
  await createEndpoint(deps, adminCall(tenant), label, {
    protocols: ["est"],
    issuer: null,
    profile: "default",
    owner: null,
    auth: ["secret", "token", "certificate"],
    approval: "automatic",
    validate_names: true,
    server_keys: false,
    legacy_algorithms: false,
    private_networks: false,
    default: false,
    ...more,
  });
}

export interface CredentialOptions {
  readonly maxUses?: number | null;
  readonly names?: readonly string[];
  readonly tenant?: string;
}

/** @returns the value of `Authorization` */
export async function basic(
  { deps }: House,
  label: string,
  { maxUses = 1, names = [], tenant = "acme" }: CredentialOptions = {},
): Promise<string> {
  const expiresAt = new Date(deps.clock.now() + 86_400_000).toISOString();
  const { id, secret } = await createCredential(deps, adminCall(tenant), {
    endpoint: label,
    names,
    maxUses,
    expiresAt,
  });
  return `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
}

export interface CsrOptions {
  readonly key?: LeafKey;
  /** Whole attributes, DER, beside extensionRequest. */
  readonly attributes?: readonly Uint8Array[];
  readonly subject?: string;
}

/** DER. */
export function csrWith(name: string, { key = generateLeafKey(), attributes = [], subject = name }: CsrOptions = {}) {
  const names = subjectAltName([canonicalName("dns", name)]);
  const asked = sequence(oid(oids.extensionRequest), set(sequence(names)));
  const info = sequence(
    integer(0),
    nameDer(commonName(subject)),
    key.spki,
    tlv(0xa0, [asked, ...attributes].toSorted(Buffer.compare)),
  );
  return sequence(info, algorithmIdentifier(key.signatureAlgorithm), bitString(key.sign(info)));
}

export const attribute = (dotted: string, value: Uint8Array): Uint8Array => sequence(oid(dotted), set(value));

/** Base64, as a client sends it. */
export const body = (der: Uint8Array): string => base64(der);

/** Certificates of a certs-only answer, as pkijs reads them. */
export function certificatesIn(text: string): Certificate[] {
  const { content } = ContentInfo.fromBER(fromBase64(text) as Uint8Array<ArrayBuffer>);
  const bag = new SignedData({ schema: content });
  return (bag.certificates ?? []).map((certificate) =>
    parseCertificate(
      new Uint8Array((certificate as unknown as { toSchema(): { toBER(): ArrayBuffer } }).toSchema().toBER()),
    ),
  );
}
