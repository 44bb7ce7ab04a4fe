import * as z from "zod";
import { id, operation, pageOf, paging, profileFilter, protocolName, timestamp } from "../operation.ts";

const auths = ["open", "secret", "token", "certificate"] as const;
const approvals = ["automatic", "manual"] as const;
const label = z
  .string()
  .min(3)
  .max(63)
  .regex(/^[a-z0-9-]+$/, "a-z, 0-9 and - only");

export const enrolmentEndpoint = z.object({
  label,
  status: z.enum(["active", "disabled"]),
  protocols: z.array(z.string()),
  issuer_id: id.nullable(),
  profile: id,
  owner_id: id.nullable(),
  auth: z.array(z.enum(auths)),
  approval: z.enum(approvals),
  validate_names: z.boolean(),
  server_keys: z.boolean(),
  legacy_algorithms: z.boolean(),
  private_networks: z.boolean(),
  terms_of_service: z.string().nullable(),
  default: z.boolean(),
  open_credentials: z.number().int(),
  pending_requests: z.number().int(),
  created_at: timestamp,
  updated_at: timestamp,
});

/** What stays the same about a setting when it is made and when it is changed. */
const settings = {
  protocols: z.array(protocolName).max(16),
  issuer_id: id.meta({ description: "issuing CA; default: the profile's" }),
  profile: id.meta({ description: "profile name, or `name@version`" }),
  owner_id: id.meta({ description: "owner of the certificates that it issues" }),
  auth: z
    .array(z.enum(auths))
    .min(1)
    .max(auths.length)
    .meta({ description: "how a client may show that it is one; open needs validate_names" }),
  approval: z.enum(approvals).meta({ description: "automatic needs certs:issue: nobody else is asked any more" }),
  validate_names: z
    .boolean()
    .meta({ description: "clients prove control of each name, where the protocol can ask for that" }),
  server_keys: z.boolean().meta({ description: "make keys for clients that ask for it" }),
  legacy_algorithms: z
    .boolean()
    .meta({ description: "take old clients' algorithms in protocol messages (3DES, MD5, SHA-1)" }),
  private_networks: z
    .boolean()
    .meta({ description: "validate names in the private networks that TRSTCTL_EGRESS_CIDRS lists" }),
  terms_of_service: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .meta({ description: "URL of what clients must agree to; when it changes they must agree again" }),
  default: z
    .boolean()
    .meta({ description: "answer on the paths without a label too; on a host one endpoint for each protocol" }),
};

const newSettings = {
  protocols: settings.protocols
    .optional()
    .meta({ description: "what it serves; default: every enrolment protocol of the host" }),
  issuer_id: settings.issuer_id.optional(),
  profile: settings.profile.default("default"),
  owner_id: settings.owner_id.optional(),
  auth: settings.auth.default(["secret"]),
  approval: settings.approval.default("automatic"),
  validate_names: settings.validate_names.default(true),
  server_keys: settings.server_keys.default(false),
  legacy_algorithms: settings.legacy_algorithms.default(false),
  private_networks: settings.private_networks.default(false),
  terms_of_service: settings.terms_of_service.optional(),
  default: settings.default.default(false),
};

/** IANA "ACME Validation Methods" that are served. */
const method = z.enum(["http-01", "dns-01", "tls-alpn-01"]);

export const validationPreflight = z.object({
  name: z.string(),
  method: method.meta({ description: "what a client is best told to use" }),
  reason: z.string(),
  caa: z.string().nullable().meta({ description: "why CAA would refuse it; null: it would not" }),
});

const labelParams = z.object({ label });

export const enrolmentEndpointOperations = {
  list: operation({
    id: "enrolment-endpoints.list",
    method: "GET",
    path: "/enrolment-endpoints",
    permission: "enrolment:read",
    summary: "List enrolment endpoints",
    example: { query: { profile: "web" } },
    query: z.strictObject({ ...paging, profile: profileFilter }),
    status: 200,
    response: pageOf(enrolmentEndpoint),
  }),
  create: operation({
    id: "enrolment-endpoints.create",
    method: "POST",
    path: "/enrolment-endpoints",
    permission: "enrolment:write",
    summary: "Open an enrolment endpoint under a label that nothing ever had",
    example: { body: { label: "web-servers", protocols: ["acme"], profile: "web", auth: ["open"] } },
    body: z.strictObject({ label, ...newSettings }),
    status: 201,
    response: enrolmentEndpoint,
  }),
  get: operation({
    id: "enrolment-endpoints.get",
    method: "GET",
    path: "/enrolment-endpoints/{label}",
    permission: "enrolment:read",
    summary: "Show an enrolment endpoint",
    example: { params: { label: "web-servers" } },
    params: labelParams,
    status: 200,
    response: enrolmentEndpoint,
  }),
  update: operation({
    id: "enrolment-endpoints.update",
    method: "PATCH",
    path: "/enrolment-endpoints/{label}",
    permission: "enrolment:write",
    summary: "Change settings of an enrolment endpoint; what is left out stays",
    example: { params: { label: "web-servers" }, body: { approval: "manual", validate_names: true } },
    params: labelParams,
    body: z.strictObject({
      ...z.object(settings).partial().shape,
      unset: z
        .array(z.enum(["issuer_id", "owner_id", "terms_of_service"]))
        .max(3)
        .optional()
        .meta({ description: "what it is to have no more" }),
    }),
    status: 200,
    response: enrolmentEndpoint,
  }),
  preflight: operation({
    id: "enrolment-endpoints.preflight",
    method: "GET",
    path: "/enrolment-endpoints/{label}/preflight/{name}",
    permission: "enrolment:write",
    summary: "Choose the validation method for a name, by looking at it as a validation would",
    example: { params: { label: "web-servers", name: "shop.example.com" }, query: { dns_managed: "true" } },
    params: labelParams.extend({
      name: z.string().min(1).max(253).meta({ description: "DNS name, wildcard or IP address" }),
    }),
    query: z.strictObject({
      method: method.optional().meta({ description: "wins where it can prove the name at all" }),
      dns_managed: z
        .enum(["true", "false"])
        .default("false")
        .meta({ description: "the client can set records in the zone of the name" }),
    }),
    status: 200,
    response: validationPreflight,
  }),
  delete: operation({
    id: "enrolment-endpoints.delete",
    method: "DELETE",
    path: "/enrolment-endpoints/{label}",
    permission: "enrolment:write",
    summary: "Disable an enrolment endpoint for ever; its label is never given again",
    example: { params: { label: "web-servers" } },
    params: labelParams,
    status: 204,
    destructive: true,
    stepUp: true,
  }),
};
