/** Settings of the one-machine host, its supervisor and its signer: environment names, types, defaults, meaning. */
import * as z from "zod";
import { keyBackends } from "#shared/kernel/key-backend";

const port = (fallback: number) =>
  z.coerce
    .number({ error: "expected a port number" })
    .int()
    .min(0, "ports are 0 to 65535; 0 picks a free one")
    .max(65_535, "ports are 0 to 65535")
    .default(fallback);
const path = z.string().min(1);

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((item) => item.trim().toLowerCase())
    .filter(Boolean),
);
const testPorts = z.string().regex(/^http=\d{1,5},tls=\d{1,5}$/, "expected http=<port>,tls=<port>");

/** In the metadata of a field whose value must not be shown. */
export const secretSetting = { secret: true } as const;

export const hostConfig = z.object({
  TRSTCTL_DATA_DIR: path.default(".trstctl").meta({ description: "data directory; relative paths start at the clone" }),
  TRSTCTL_RUN_DIR: path
    .optional()
    .meta({ description: "Unix sockets; default: `run` in the data directory. Its path must stay below 90 bytes" }),
  TRSTCTL_KEK_FILE: path.optional().meta({
    description:
      "key encryption key, 32 bytes, mode 0600, outside the data directory; default: `trstctl/kek` in the user's config directory",
  }),
  TRSTCTL_CA_KEYS: z.enum(keyBackends).default("sealed").meta({
    description: "what holds the CA keys of issuers that do not ask for anything else: sealed, kms or pkcs11",
  }),
  TRSTCTL_KMS_KEYS: z.string().min(2).optional().meta({
    description: "JSON list of keyId and algorithm: keys in AWS KMS from which CA keys are taken",
  }),
  TRSTCTL_PKCS11_MODULE: path.optional().meta({
    description: "PKCS#11 library of a token that may hold CA keys; run `npm run pkcs11` once",
  }),
  TRSTCTL_PKCS11_TOKEN: path.optional().meta({ description: "label of that token" }),
  TRSTCTL_PKCS11_PIN_FILE: path.optional().meta({
    description: "file with the token's user PIN, mode 0600 or 0400, outside the data directory",
  }),
  TRSTCTL_HTTPS_PORT: port(8443).meta({ description: "API, over TLS" }),
  TRSTCTL_MTLS_PORT: port(8444).meta({
    description: "enrolment over TLS with a client certificate, which this port asks for",
  }),
  TRSTCTL_HTTP_PORT: port(8080).meta({
    description: "plain HTTP: OCSP, CRLs, CA certificates, and the protocols that protect their messages themselves",
  }),
  TRSTCTL_PUBLIC_URL: z
    .url({ protocol: /^https$/, error: "expected an https:// URL" })
    .refine((url) => URL.parse(url)?.origin === url.replace(/\/$/, ""), "expected scheme, host and port only")
    .transform((url) => url.replace(/\/$/, ""))
    .optional()
    .meta({
      description:
        "how clients reach the HTTPS port, for URLs that are handed out; default: its first host name and port",
    }),
  TRSTCTL_BIND_ADDRESS: z.string().default("127.0.0.1").meta({ description: "`up` accepts loopback addresses only" }),
  TRSTCTL_HOSTNAMES: list.prefault("localhost,127.0.0.1,trstctl.localhost").meta({
    description: "names this host answers to, comma-separated; other Host or Origin headers are refused",
  }),
  TRSTCTL_RESOLVERS: list.prefault("").meta({
    description: "DNS resolvers for validation and all that leaves the host, comma-separated; default: the system's",
  }),
  TRSTCTL_EGRESS_CIDRS: list.prefault("").meta({
    description:
      "private networks that an enrolment endpoint may opt in to reach, comma-separated; metadata addresses never",
  }),
  TRSTCTL_CAA_IDENTITIES: list.prefault("").meta({
    description: "issuer domain names by which CAA records mean this CA, comma-separated (RFC 8659)",
  }),
  TRSTCTL_TEST_VALIDATION_PORTS: testPorts.optional().meta({
    description: "http=<port>,tls=<port> instead of 80 and 443 for ACME challenges; for tests, `serve` refuses it",
  }),
  TRSTCTL_REVOCATION_BASE_URL: z
    .url({ protocol: /^http$/, error: "expected an http:// URL" })
    .refine((url) => !url.includes("@"), "expected no user or password: it stands in every certificate")
    .transform((url) => url.replace(/\/$/, ""))
    .optional()
    .meta({
      description:
        "burnt into every certificate of an issuer when the issuer is created; `serve` refuses to create one without it",
    }),
  TRSTCTL_AUDIT_RETENTION_DAYS: z.coerce.number().int().min(1).optional().meta({
    description: "`trstctl audit prune` may remove archived events that are older; unset: it may remove none",
  }),
  TRSTCTL_RATE_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(1)
    .default(6000)
    .meta({ description: "API requests of one tenant a minute" }),
  TRSTCTL_RATE_BURST: z.coerce
    .number()
    .int()
    .min(1)
    .default(2000)
    .meta({ description: "API requests of one tenant at once" }),
  TRSTCTL_ENROL_PER_SUBJECT_PER_HOUR: z.coerce.number().int().min(1).default(3000).meta({
    description: "enrolments that one account or address may begin an hour, where the protocol has such",
  }),
  TRSTCTL_ENROL_PER_NAME_PER_HOUR: z.coerce.number().int().min(1).default(120).meta({
    description: "enrolments for one name of a tenant an hour, whoever asks, where the protocol has such",
  }),
  TRSTCTL_ACKNOWLEDGE_SAME_USER: z
    .enum(["yes"])
    .optional()
    .meta({ description: "`serve`: accept that signer and host run under one user" }),
});

export type HostConfig = z.output<typeof hostConfig>;
