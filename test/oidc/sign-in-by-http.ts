/** A person at `oidc-provider` without a browser: follows its redirects, keeps its cookies, types a name into its form. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { text } from "node:stream/consumers";

const mostSteps = 12;

/**
 * @param url where the browser was sent
 * @param login of an account of the provider
 * @param authority PEM: who vouches for the provider
 * @returns where the provider sends the browser back to
 */
export async function signInByHttp(url: string, login: string, authority: string): Promise<string> {
  const provider = new URL(url).origin;
  const cookies = new Map<string, string>();
  let at = new URL(url);
  let form: URLSearchParams | undefined;
  for (let step = 0; step < mostSteps; step++) {
    const asking = request(at, {
      method: form === undefined ? "GET" : "POST",
      ca: authority,
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(form !== undefined && { "content-type": "application/x-www-form-urlencoded" }),
      },
    });
    asking.end(form?.toString());
    const [answer] = (await once(asking, "response")) as [IncomingMessage];
    for (const set of answer.headers["set-cookie"] ?? []) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      cookies.set(name, value);
    }
    const page = await text(answer);
    form = undefined;
    const { location } = answer.headers;
    if (location !== undefined) {
      at = new URL(location, at);
      if (at.origin !== provider) return at.href;
      continue;
    }
    const [, action] = /<form[^>]* action="([^"]+)"/.exec(page) ?? [];
    if (action === undefined) throw new Error(`${answer.statusCode} of ${at.href}: ${page.slice(0, 2000)}`);
    at = new URL(action, at);
    form = new URLSearchParams({ prompt: "login", login, password: "any" });
  }
  throw new Error(`the provider sends on and on: ${at.href}`);
}
