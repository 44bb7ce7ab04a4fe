/**
 * Who may sign in by which identity provider, and to which tenant: the operator's document, one for the whole deployment.
 * It holds no secret; on one machine `TRSTCTL_SIGN_IN_FILE` names its file (docs/sign-in.md).
 */
import * as z from "zod";
import { roleNames } from "#shared/contracts/permissions";
import { isTenantId } from "#shared/kernel/ids";

/** What may sign an ID token or a logout token (RFC 7518 3.1, RFC 8037 3.1); nothing symmetric, and never `none`. */
export const idTokenAlgorithms = ["RS256", "PS256", "ES256", "ES384", "EdDSA"] as const;

const text = z.string().min(1).max(500);
/** A name, or the names that lead to it, outermost first. */
const claimPath = z.union([text, z.array(text).min(1).max(5)], "expected the claim's name, or a list of names inwards");
const tenant = z.string().refine(isTenantId, "expected a tenant's id: a-z, 0-9 and -, at most 63");
const roles = z.array(z.enum(roleNames)).min(1, "expected at least one role").max(roleNames.length);

const matchers = ["subject", "claim", "group"] as const;
const rule = z
  .strictObject({
    /** `sub`, exactly. */
    subject: text.optional(),
    claim: claimPath.optional(),
    /** What the claim is, or what is in it where it is a list. */
    value: z.union([text, z.boolean(), z.number()]).optional(),
    /** In the claim `groups_claim`, exactly. */
    group: text.optional(),
    tenant,
    roles,
  })
  .refine(
    (given) => matchers.filter((name) => given[name] !== undefined).length === 1,
    "expected exactly one of subject, claim and group",
  )
  .refine((given) => (given.claim === undefined) === (given.value === undefined), "claim and value go together");

const https = z
  .url({ protocol: /^https$/, error: "expected an https:// URL" })
  .max(500)
  .refine((url) => !/[?#@]/.test(url), "expected no query, fragment or user in it");

const provider = z
  .strictObject({
    /** On the button: "Sign in with …". */
    title: z.string().min(1).max(60),
    /** Exactly as the provider writes it: where its discovery document is found, and `iss` of its tokens. */
    issuer: https,
    client_id: text,
    /** Where the client's secret is; without one this is a public client, which PKCE alone protects. */
    client_secret_file: text.optional(),
    client_authentication: z.enum(["client_secret_basic", "client_secret_post"]).default("client_secret_basic"),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, "expected a scope without spaces"))
      .max(20)
      .default(["openid", "profile", "email"])
      .refine((scopes) => scopes.includes("openid"), "openid is missing, without which there is no ID token"),
    id_token_algs: z
      .array(z.enum(idTokenAlgorithms, `expected some of ${idTokenAlgorithms.join(", ")}`))
      .min(1)
      .default(["RS256"]),
    groups_claim: claimPath.default("groups"),
    /** Certificates, PEM, that alone vouch for the provider's servers; without: those that the platform trusts. */
    ca_file: text.optional(),
    /** Does signing out here go on to sign out at the provider (RP-Initiated Logout 1.0)? */
    sign_out_at_provider: z.boolean().default(false),
    /** May its names lie in `TRSTCTL_EGRESS_CIDRS`? */
    private_networks: z.boolean().default(false),
    rules: z.array(rule).max(1_000).default([]),
    /** Whoever no rule knows; without it they are refused. */
    default: z.strictObject({ tenant, roles }).optional(),
  })
  .refine((given) => given.rules.length > 0 || given.default !== undefined, {
    path: ["rules"],
    error: "nobody could sign in: expected rules, or a default that says so",
  });

export const signInFile = z.strictObject({
  /** By the id that stands in URLs and before its users' subjects; a name that is in use is for good. */
  providers: z
    .record(z.string(), provider)
    .refine((all) => Object.keys(all).length >= 1, "expected at least one provider")
    .refine((all) => Object.keys(all).length <= 20, "expected at most 20 providers"),
});

export type SignInSettings = z.output<typeof signInFile>;
export type ProviderSettings = SignInSettings["providers"][string];

/** @returns what is wrong, each problem with its place */
export function checkSignIn(document: unknown): SignInSettings | readonly string[] {
  const parsed = signInFile.safeParse(document);
  const ids = misnamed(document);
  if (!parsed.success || ids.length > 0)
    return [
      ...ids.map((id) => `providers.${id}: expected a provider id: a-z, 0-9, -, at most 31`),
      ...(parsed.error?.issues ?? []).map(
        ({ path, message }) => `${path.map(String).join(".") || "document"}: ${message}`,
      ),
    ];
  const issuers = Object.entries(parsed.data.providers);
  const doubled = issuers.filter(([, { issuer, client_id }], at) =>
    issuers.slice(0, at).some(([, other]) => other.issuer === issuer && other.client_id === client_id),
  );
  return doubled.length === 0
    ? parsed.data
    : doubled.map(([id]) => `providers.${id}: the same client stands there twice`);
}

const idShape = /^[a-z][a-z0-9-]{0,30}$/;

/** Beside the schema, which would look no further into what is misnamed. */
function misnamed(document: unknown): readonly string[] {
  const { providers } = (typeof document === "object" && document !== null ? document : {}) as { providers?: unknown };
  const named = typeof providers === "object" && providers !== null ? Object.keys(providers) : [];
  return named.filter((id) => !idShape.test(id));
}
