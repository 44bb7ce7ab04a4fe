/** Sign-in over the real store and the real egress, against a provider that a test bends. */
import { createSignIn } from "#functions/sign-in/app";
import { directEgress } from "#shared/adapters/local/egress";
import { systemResolver } from "#shared/adapters/local/resolver";
import { createProviders } from "#shared/adapters/oidc/providers";
import { checkSignIn } from "#shared/contracts/config/sign-in";
import { createPool } from "#shared/http/pool";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import { type DnsServer, startDnsServer } from "#test/dns/server";
import { type House, openHouse } from "#test/in-process/house";
import { type HostileProvider, startHostileProvider } from "./hostile-provider.ts";

export const origin = "https://localhost:8443";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The problem's `reason`, or its code. */
  readonly reason: string | undefined;
  /** `name=value` of the cookie that was set. */
  readonly cookie: string | undefined;
}

interface Asked {
  readonly headers?: Record<string, string>;
  readonly form?: string;
  /** Of who asks. */
  readonly address?: string;
}

export interface Scene extends AsyncDisposable {
  readonly house: House;
  readonly dns: DnsServer;
  readonly provider: HostileProvider;
  readonly other: HostileProvider;
  ask(path: string, options?: Asked): Promise<Answer>;
}

/** Tenants of the house that a scene plays in. */
export const openSignInHouse = (): Promise<House> => openHouse(["acme", "beta"]);

/** Two providers, `idp` and `other`, that nobody has asked yet. @param rules of both */
export async function openScene(house: House, rules: readonly object[], more: object = {}): Promise<Scene> {
  const dns = await startDnsServer();
  const [provider, other] = await Promise.all([startHostileProvider("idp.test"), startHostileProvider("other.test")]);
  for (const name of ["idp.test", "other.test"]) dns.set(name, "A", "127.0.0.1");
  for (const one of [provider, other]) one.now = () => house.deps.clock.now();
  const settingsOf = ({ issuer, clientId }: HostileProvider, title: string) => ({
    title,
    issuer,
    client_id: clientId,
    client_secret_file: "not read here",
    private_networks: true,
    rules,
    ...more,
  });
  const settings = checkSignIn({
    providers: { idp: settingsOf(provider, "Example ID"), other: settingsOf(other, "Other ID") },
  });
  if (!("providers" in settings)) throw new Error(settings.join("\n"));
  const egress = directEgress({ resolver: systemResolver({ servers: [dns.address] }), cidrs: ["127.0.0.0/8"] });
  const both = [["idp", provider] as const, ["other", other] as const];
  const secrets = new Map(
    both.map(([id, { clientSecret }]) => [id, new SecretBytes(new TextEncoder().encode(clientSecret))]),
  );
  const authorities = new Map(both.map(([id, { authority }]) => [id, authority]));
  const reach = { egress, clock: house.deps.clock, timeoutMs: 1_000 };
  const signIn = createProviders(settings, { secrets, authorities }, reach);
  const app = createSignIn({ ...house.deps, egress, signIn, pool: createPool(64) });
  return {
    house,
    dns,
    provider,
    other,
    async ask(path, { headers = {}, form, address = "192.0.2.7" } = {}) {
      const url = path.startsWith("/") ? `${origin}${path}` : path;
      const request = new Request(url, {
        method: form === undefined ? "GET" : "POST",
        headers: {
          host: "localhost:8443",
          ...(form !== undefined && { "content-type": "application/x-www-form-urlencoded" }),
          ...headers,
        },
        ...(form !== undefined && { body: form }),
      });
      const answer = await app.fetch(request, { address, certificate: undefined });
      const text = await answer.text();
      const json = answer.headers.get("content-type")?.includes("json") === true ? JSON.parse(text) : {};
      const { reason, code } = json as { readonly reason?: string; readonly code?: string };
      return {
        status: answer.status,
        headers: answer.headers,
        text,
        reason: reason ?? code,
        cookie: answer.headers.get("set-cookie")?.split(";")[0],
      };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([provider.stop(), other.stop(), dns.stop()]);
    },
  };
}
