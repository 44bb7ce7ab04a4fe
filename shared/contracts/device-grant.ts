/** The device authorization grant (RFC 8628) by which `trstctl login` gets its token: what its two sides must agree on. */
import * as z from "zod";

export const devicePaths = {
  /** RFC 8628 3.1: device authorization request. */
  authorization: "/auth/device",
  /** RFC 8628 3.4: device access token request. */
  token: "/auth/device/token",
  /** Of the console: where a person says yes or no. */
  page: "/device",
  /** RFC 7009: whoever holds a token may end it. */
  revocation: "/auth/revoke",
  /** What the token in the Authorization header is. */
  self: "/auth/token",
} as const;

/** The only client: public, without a secret. */
export const deviceClientId = "trstctl-cli";
export const deviceGrantType = "urn:ietf:params:oauth:grant-type:device_code";

/** How long the token of a sign-in lives, seconds. */
export const deviceTokenLifetime = { usual: 12 * 3600, longest: 30 * 86_400 } as const;

/** RFC 8628 3.2. */
export const deviceAuthorization = z.object({
  device_code: z.string().min(1),
  user_code: z.string().min(1),
  verification_uri: z.url({ protocol: /^https$/ }),
  verification_uri_complete: z.url({ protocol: /^https$/ }),
  expires_in: z.number().int().positive(),
  interval: z.number().int().positive(),
});

/** RFC 6749 5.1, with what a person wants to know. */
export const deviceToken = z.object({
  access_token: z.string().min(1),
  token_type: z.literal("Bearer"),
  expires_in: z.number().int().positive(),
  scope: z.string(),
  token_id: z.string(),
  tenant: z.string(),
  subject: z.string(),
});

/** RFC 6749 5.2, RFC 8628 3.5. */
export const oauthError = z.object({ error: z.string(), error_description: z.string().optional() });

export const tokenSelf = z.object({
  id: z.string(),
  tenant: z.string(),
  subject: z.string(),
  roles: z.array(z.string()),
  scopes: z.array(z.string()),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  client: z.string().nullable(),
});
