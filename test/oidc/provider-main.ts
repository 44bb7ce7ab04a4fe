/**
 * A provider of OpenID Connect as a process of its own: `oidc-provider`, over TLS on a free port of 127.0.0.1. Says its
 * issuer on the first line; the first line that it reads says who its client is. Whoever types a name of an account is that.
 */
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import Provider from "oidc-provider";
import type { ProviderOrder, ProviderReady } from "./provider-process.ts";

const identity = JSON.parse(process.env["PROVIDER_IDENTITY"] ?? "") as { readonly key: string; readonly cert: string };
let answer: ReturnType<Provider["callback"]> = (_, response) => void response.writeHead(503).end();
const server = createServer(identity, (request, response) => void answer(request, response));
server.listen(0, "127.0.0.1", () => {
  const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const lines = createInterface({ input: process.stdin });
  lines.once("line", (line) => {
    answer = providerFor(issuer, JSON.parse(line) as ProviderOrder).callback();
    process.stdout.write("serving\n");
  });
  lines.on("close", () => process.exit(0));
  process.stdout.write(`${JSON.stringify({ issuer } satisfies ProviderReady)}\n`);
});

function providerFor(issuer: string, { origin, root, clientSecret, accounts, id }: ProviderOrder): Provider {
  // What it sends to the client's back channel goes to a host with a root of its own.
  setDefaultCACertificates([...getCACertificates("default"), root]);
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "trstctl",
        client_secret: clientSecret,
        redirect_uris: [`${origin}/auth/oidc/${id}/callback`],
        post_logout_redirect_uris: [`${origin}/`],
        backchannel_logout_uri: `${origin}/auth/oidc/${id}/backchannel-logout`,
        backchannel_logout_session_required: true,
      },
    ],
    pkce: { required: () => true },
    features: { backchannelLogout: { enabled: true } },
    // Its own fetch does not go to addresses such as 127.0.0.1, where the client is.
    fetch: (url, { dispatcher: _, ...options }) => fetch(url, options),
    discovery: { prompt_values_supported: ["none", "login", "consent"] },
    conformIdTokenClaims: false,
    claims: { openid: ["sub", "groups"], profile: ["name"], email: ["email", "email_verified"] },
    cookies: { keys: ["a key of a test"] },
    findAccount: (_, sub) => {
      const claims = accounts[sub];
      return claims === undefined ? undefined : { accountId: sub, claims: () => ({ sub, ...claims }) };
    },
    async loadExistingGrant({ oidc }) {
      // Nobody is asked to consent: the operator did when they registered the client.
      const { session, client, provider } = oidc;
      if (session?.accountId === undefined || client === undefined) return undefined;
      const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
      grant.addOIDCScope("openid profile email");
      await grant.save();
      return grant;
    },
  });
  provider.on("backchannel.error", (_, error) => process.stderr.write(`${error.stack}\n${String(error.cause)}\n`));
  return provider;
}
