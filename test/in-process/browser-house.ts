/** A browser before the house: what asks with a cookie, by the functions that answer it. */
import { createApi } from "#functions/api/app";
import { createSignIn } from "#functions/sign-in/app";
import { bearerAuthentication } from "#shared/http/bearer";
import { createPool } from "#shared/http/pool";
import { makeSignInLink } from "#shared/usecases/sign-in-link";
import { openSession, type OpenSession } from "#shared/usecases/sessions";
import { authenticateToken } from "#shared/usecases/tokens";
import { type House, openHouse } from "./house.ts";

export const origin = "https://localhost:8443";

type Headers = Readonly<Record<string, string>>;

export interface Browser {
  readonly cookie: string;
  readonly csrf: string;
  /** What every change carries. */
  readonly headers: Headers;
}

export interface BrowserHouse extends AsyncDisposable {
  readonly house: House;
  /** Each call is another process to the session: nothing is shared but the store. */
  ask(method: string, path: string, headers?: Headers, body?: object): Promise<Response>;
  link(tenant?: string, subject?: string): Promise<string>;
  /** What a browser has after a sign-in by this cookie's value. */
  with(cookie: string): Promise<Browser>;
  signedIn(subject?: string): Promise<Browser>;
  byProvider(more?: Partial<OpenSession>): Promise<Browser>;
}

/** What a browser meets of this house; each call is another process to what they keep. */
export function functionsOf(house: House): {
  readonly api: ReturnType<typeof createApi>;
  readonly signIn: ReturnType<typeof createSignIn>;
} {
  const authenticate = bearerAuthentication((token) => authenticateToken(house.deps, token));
  const deps = { ...house.deps, authenticate, pool: createPool(64) };
  return { api: createApi(deps), signIn: createSignIn(deps) };
}

export async function openBrowserHouse(tenants: readonly string[] = ["acme", "beta"]): Promise<BrowserHouse> {
  const house = await openHouse(tenants);
  let keys = 0;

  const ask: BrowserHouse["ask"] = async (method, path, headers = {}, body) => {
    const { api, signIn } = functionsOf(house);
    const request = new Request(`${origin}${path}`, {
      method,
      headers: {
        host: "localhost:8443",
        ...(method !== "GET" && { "idempotency-key": `browser-key-${++keys}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const peer = { address: "127.0.0.1", certificate: undefined };
    return path.startsWith("/auth/") ? signIn.fetch(request, peer) : api.fetch(request);
  };
  const withCookie: BrowserHouse["with"] = async (value) => {
    const cookie = `__Host-trstctl-8443=${value}`;
    const answer = await ask("GET", "/auth/session", { cookie });
    const { csrf_token: csrf } = (await answer.json()) as { csrf_token: string };
    return { cookie, csrf, headers: { cookie, "x-csrf-token": csrf, origin } };
  };
  const link: BrowserHouse["link"] = (tenant = "acme", subject = "ada") =>
    makeSignInLink(house.deps, { tenant, subject, scopes: ["*"] });
  return {
    house,
    ask,
    link,
    with: withCookie,
    async signedIn(subject) {
      const answer = await ask("POST", "/auth/local", {}, { secret: await link("acme", subject) });
      return withCookie(cookieValue(answer));
    },
    async byProvider(more) {
      const who = { tenant: "acme", subject: "example:ada", name: "Ada", provider: "example", sid: "s1" };
      return withCookie(
        await openSession(house.deps, { ...who, method: "oidc", roles: ["admin"], scopes: ["*"], ...more }),
      );
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}

/** What the answer gives the browser to keep. */
export const cookieValue = (answer: Response): string =>
  /^__Host-trstctl-8443=([^;]*);/.exec(answer.headers.get("set-cookie") ?? "")?.[1] ?? "none";
