/** Examples of answers, made from their schemas: a new field has one by its name, and the test says where it has not. */
import { exampleCertificateId, exampleCsr, exampleId } from "./operation.ts";

type Json = Record<string, unknown>;

const hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const pem = "-----BEGIN CERTIFICATE-----\nMIIB...\n-----END CERTIFICATE-----\n";
const begin = "2030-01-31T12:00:00Z";
const end = "2030-04-30T12:00:00Z";

/** Text by the name of its member; members that are called so everywhere mean the same. */
const texts: Readonly<Record<string, string>> = {
  id: exampleId,
  issuer_id: "k7m2q9x4",
  parent_id: "r2d8c5v1",
  certificate_id: exampleCertificateId,
  certificate_ids: exampleCertificateId,
  owner_id: "019e1b2c-0b1d-7f02-9a44-6d1f0c3b5a90",
  identity_id: "019e1b2c-33aa-7d10-8c2e-2f4b9e7a6c15",
  name: "shop",
  names: "shop.example.com",
  email: "platform@example.com",
  subject: "CN=shop.example.com",
  sans: "dns:shop.example.com",
  dns_names: "shop.example.com",
  permitted_dns: "example.com",
  serial: "5f0c1a2b3c4d5e6f708192a3b4c5d6e7",
  certificate: pem,
  chain: pem,
  csr: exampleCsr,
  key_algorithm: "P-256",
  signature_algorithm: "ecdsa-with-SHA256",
  profile: "default",
  protocol: "api",
  protocols: "acme",
  allowed_protocols: "acme",
  allowed_dns_suffixes: "example.com",
  allowed_email_domains: "example.com",
  allowed_ip_cidrs: "10.0.0.0/8",
  allowed_uri_prefixes: "spiffe://example.com/",
  certificate_policies: "2.23.140.1.2.1",
  label: "shop",
  endpoint: "shop",
  ocsp_url: "http://pki.example.com/ocsp/k7m2q9x4",
  crl_urls: "http://pki.example.com/crl/k7m2q9x4/0.crl",
  ca_issuers_url: "http://pki.example.com/ca/k7m2q9x4.cer",
  tenant: "acme",
  roles: "operator",
  type: "certificate.issued",
  kind: "certificate",
  destination: "crl",
  what: "crl",
  code: "unavailable",
  detail: "the destination did not answer",
  token: "trst_k7m2q9x4_…",
  secret: "kT3…",
  created_by: "alice",
  requested_by: "alice",
  by: "alice",
  not_after: end,
  expires_at: end,
  until: end,
  role: "issuing",
  reason: "superseded",
  revocation_reason: "superseded",
  from: "requested",
  to: "issued",
  display_name: "Alice",
  terms_of_service: "https://example.com/terms",
  method: "http-01",
  caa: "permits",
  does: "publishes a CRL",
  origin: "trstctl/acme",
  verifier_key: "trstctl/acme+3f1d2c4b+AbC…",
  note: "trstctl/acme\n42\nn4bQ…\n",
  event: '{"type":"certificate.issued",…}',
  cursor: "eyJsIjpbNDJdfQ",
  changed: "certificates",
};

/** Members whose name means something else beside others: as what they are looked up. */
function meaning(member: string, beside: Readonly<Record<string, unknown>>): string {
  if (member === "id" && "sans" in beside) return "certificate_id";
  if (member === "id" && "parent_id" in beside) return "issuer_id";
  if (member === "subject" && ("roles" in beside || "scopes" in beside)) return "by";
  return member;
}

/** Lists of what went wrong: nothing did. */
const nothingWrong = /^(differing|repaired|unjournalled|quarantined_lanes|overdue)$/;

/** What has not happened to the object of an example: null, where the schema allows it. */
const notYet =
  /^(revo|replac|renew|retire|decid|used|last_used|fail|next_cursor|offboard|broken|error|last_error|reset)/;

/** Of a kind of text, where the name says nothing. */
function textFor(name: string, { format, description }: Json): string {
  if (format === "date") return begin.slice(0, 10);
  const named = texts[name];
  if (named !== undefined) return named;
  if (format === "date-time") return begin;
  if (/hash|sha256|fingerprint|digest|root|entry|proof|frontier/.test(name)) return hash;
  if (name.endsWith("_id")) return exampleId;
  return typeof description === "string" && /RFC 3339/.test(description) ? begin : name.replaceAll("_", "-");
}

/** @param schema JSON Schema of an answer @param name of the member that it is of */
export function exampleAnswer(schema: Json, name = ""): unknown {
  const { anyOf, const: only, enum: words, default: usual, example, type } = schema;
  if (example !== undefined) return example;
  if (only !== undefined) return only;
  if (Array.isArray(words)) return words.find((word) => word === texts[name]) ?? words[0];
  if (Array.isArray(anyOf)) {
    const choices = anyOf as Json[];
    const nothing = choices.some((choice) => choice["type"] === "null");
    return nothing && notYet.test(name)
      ? null
      : exampleAnswer(choices.find((choice) => choice["type"] !== "null") ?? {}, name);
  }
  if (usual !== undefined) return usual;
  const types = Array.isArray(type) ? (type as unknown[]) : [type];
  if (types.includes("null") && notYet.test(name)) return null;
  switch (types.find((one) => one !== "null")) {
    case "object": {
      const members = (schema["properties"] ?? {}) as Record<string, Json>;
      return Object.fromEntries(
        Object.entries(members).map(([member, inner]) => [member, exampleAnswer(inner, meaning(member, members))]),
      );
    }
    case "array":
      return nothingWrong.test(name) ? [] : [exampleAnswer((schema["items"] ?? {}) as Json, name)];
    case "integer":
    case "number":
      return Math.max(Number(schema["minimum"] ?? 1), 1);
    case "boolean":
      return true;
    case "string":
      return textFor(name, schema);
    default:
      return null; // any JSON
  }
}
