/** What the browser itself enforces: policies, cookies, and that a page of another port of this machine gets nothing done. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, startHost } from "#test/e2e/host";
import { signedIn, type Visit } from "./browser.ts";

let host: Host;
let seen: Visit;
/** Somebody else's page on this machine: the same site, another origin. */
let neighbour: Server;
beforeAll(async () => {
  host = await startHost();
  seen = await signedIn(host);
  neighbour = createServer((_, answer) =>
    answer.setHeader("content-type", "text/html").end("<!doctype html><p>neighbour"),
  );
  await new Promise<void>((resolve) => neighbour.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  neighbour?.close();
  await seen?.close();
  await host?.stop();
});

describe("the console", () => {
  it("comes with policies that leave no script or style in a page, no frame and no referrer", async () => {
    const response = await seen.page.goto(`${seen.origin}/`);
    const headers = response?.headers() ?? {};
    const policy = headers["content-security-policy"] ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|data:/);
    expect(headers).toMatchObject({ "x-frame-options": "DENY", "referrer-policy": "no-referrer" });
  });

  it("sends no HSTS for a loopback name: it would bind every other port of it", async () => {
    for (const path of ["/", "/api/v1/openapi.json", "/auth/session"]) {
      const header = await seen.page.evaluate(
        async (asked) =>
          (await fetch(asked, { headers: { accept: "text/html" } })).headers.get("strict-transport-security"),
        path,
      );
      expect([path, header]).toEqual([path, null]);
    }
  });

  it("runs no script that somebody put into it", async () => {
    seen.expectRefusal("Executing inline script violates");
    const ran = await seen.page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "globalThis.injected = true";
      document.body.append(script);
      return "injected" in globalThis;
    });
    expect(ran).toBe(false);
  });

  it("keeps its cookie from scripts and from other sites", async () => {
    const [cookie] = await seen.page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: "Strict", path: "/" });
    expect(cookie?.name).toMatch(/^__Host-trstctl/);
    expect(await seen.page.evaluate(() => document.cookie)).toBe("");
  });
});

describe("a page of another port of this machine", () => {
  it("can neither read nor change anything, though the browser calls it the same site", async () => {
    const page = await seen.page.context().newPage();
    await page.goto(`http://trstctl.localhost:${(neighbour.address() as AddressInfo).port}/`);
    const tried = await page.evaluate(async (origin) => {
      const attempt = async (method: string, path: string, headers: Record<string, string>) =>
        fetch(`${origin}${path}`, {
          method,
          credentials: "include",
          headers,
          ...(method === "POST" && { body: '{"kind":"team","name":"forged"}' }),
        }).then(
          (response) => response.status,
          () => "refused by the browser",
        );
      return {
        read: await attempt("GET", "/api/v1/owners", {}),
        json: await attempt("POST", "/api/v1/owners", {
          "content-type": "application/json",
          "idempotency-key": "forged-1",
        }),
        simple: await attempt("POST", "/api/v1/owners", { "content-type": "text/plain" }),
        out: await attempt("POST", "/auth/logout", { "content-type": "text/plain" }),
      };
    }, seen.origin);
    for (const answer of Object.values(tried)) expect(["refused by the browser", 403, 421]).toContain(answer);
    expect((await host.admin.ok("GET", "/owners")).items).toEqual([]);
    await seen.open("/owners"); // and still signed in
    await page.close();
  });
});
