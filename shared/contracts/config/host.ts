/** Settings of the one-machine host, its supervisor and its signer: environment names, types, defaults, meaning. */
import * as z from "zod";
import { commonSettings as common } from "./common.ts";
import { keyBackends } from "#shared/kernel/key-backend";

const port = (fallback: number) =>
  z.coerce
    .number({ error: "expected a port number" })
    .int()
    .min(0, "ports are 0 to 65535; 0 picks a free one")
    .max(65_535, "ports are 0 to 65535")
    .default(fallback);
const path = z.string().min(1);

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
  TRSTCTL_HOSTNAMES: common.TRSTCTL_HOSTNAMES,
  TRSTCTL_RESOLVERS: common.TRSTCTL_RESOLVERS,
  TRSTCTL_EGRESS_CIDRS: common.TRSTCTL_EGRESS_CIDRS,
  TRSTCTL_SIGN_IN_FILE: z.string().startsWith("/", "expected an absolute path").optional().meta({
    description: "JSON document of the identity providers by which people sign in, absolute path (docs/sign-in.md)",
  }),
  TRSTCTL_CAA_IDENTITIES: common.TRSTCTL_CAA_IDENTITIES,
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
  TRSTCTL_AUDIT_RETENTION_DAYS: common.TRSTCTL_AUDIT_RETENTION_DAYS,
  TRSTCTL_RATE_PER_MINUTE: common.TRSTCTL_RATE_PER_MINUTE,
  TRSTCTL_RATE_BURST: common.TRSTCTL_RATE_BURST,
  TRSTCTL_ENROL_PER_SUBJECT_PER_HOUR: common.TRSTCTL_ENROL_PER_SUBJECT_PER_HOUR,
  TRSTCTL_ENROL_PER_NAME_PER_HOUR: common.TRSTCTL_ENROL_PER_NAME_PER_HOUR,
  TRSTCTL_ACKNOWLEDGE_SAME_USER: z
    .enum(["yes"])
    .optional()
    .meta({ description: "`serve`: accept that signer and host run under one user" }),
});

export type HostConfig = z.output<typeof hostConfig>;
