/** How this client shows who it is at the token endpoint (RFC 6749 2.3.1); its secret is text only while a request is made. */
import { type ClientAuth, ClientSecretBasic, ClientSecretPost, None } from "oauth4webapi";
import type { ProviderSettings } from "#shared/contracts/config/sign-in";
import { utf8Text } from "#shared/kernel/bytes";
import type { SecretBytes } from "#shared/kernel/secret-bytes";

const methods = {
  client_secret_basic: ClientSecretBasic,
  client_secret_post: ClientSecretPost,
} as const satisfies Record<ProviderSettings["client_authentication"], (secret: string) => ClientAuth>;

export function clientAuthentication(
  method: ProviderSettings["client_authentication"],
  secret: SecretBytes | undefined,
): ClientAuth {
  if (secret === undefined) return None();
  return (server, client, body, headers) => methods[method](utf8Text(secret.reveal()))(server, client, body, headers);
}
