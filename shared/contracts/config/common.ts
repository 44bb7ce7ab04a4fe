/** Settings that mean the same on one machine and on AWS. */
import * as z from "zod";

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((item) => item.trim().toLowerCase())
    .filter(Boolean),
);
export const commonSettings = {
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
};
