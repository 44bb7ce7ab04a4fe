import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsole } from "./app.ts";

const folder = mkdtempSync(join(tmpdir(), "trstctl-console-"));
const get = async (path: string, headers: Record<string, string> = {}, method = "GET", from = folder) =>
  createConsole({ hostnames: ["localhost"] }, from).fetch(
    new Request(`https://localhost${path}`, { method, headers: { host: "localhost:8443", ...headers } }),
  );

beforeAll(() => {
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), "<!doctype html>");
  writeFileSync(join(folder, "manifest.json"), "{}");
  writeFileSync(join(folder, "assets", "main-1.js"), "1");
  writeFileSync(join(folder, "assets", "main-1.js.br"), "b");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("the console's files", () => {
  it("are one document for every page", async () => {
    for (const path of ["/", "/certificates", "/certificates/abc-1?x=1"]) {
      const response = await get(path, { accept: "text/html,*/*" });
      expect([response.status, await response.text()]).toEqual([200, "<!doctype html>"]);
      expect(response.headers.get("cache-control")).toBe("no-cache");
      expect(response.headers.get("content-security-policy")).toContain("script-src 'self';");
      expect(response.headers.get("content-security-policy")).not.toContain("unsafe");
    }
  });

  it("bind browsers to HTTPS, but for a name of this machine alone", async () => {
    const strict = async (name: string) => {
      const console = createConsole({ hostnames: [name] }, folder);
      const request = new Request(`https://${name}/`, { headers: { host: `${name}:8443`, accept: "text/html" } });
      return (await console.fetch(request)).headers.get("strict-transport-security");
    };
    for (const name of ["localhost", "trstctl.localhost", "127.0.0.1"]) expect(await strict(name)).toBeNull();
    for (const name of ["pki.example.com", "localhost.example.com", "127.0.0.1.example.com"])
      expect(await strict(name)).toContain("max-age=31536000");
  });

  it("are kept for ever where their name says what is in them, and come compressed to who takes it", async () => {
    const response = await get("/assets/main-1.js", { "accept-encoding": "gzip, br;q=1" });
    expect(response.headers.get("cache-control")).toContain("immutable");
    expect([response.headers.get("content-encoding"), await response.text()]).toEqual(["br", "b"]);
    expect(await (await get("/assets/main-1.js")).text()).toBe("1");
  });

  it.each([
    ["/assets/other.js", {}, "GET"],
    ["/manifest.json", {}, "GET"],
    ["/../package.json", {}, "GET"],
    ["/certificates", { accept: "application/json" }, "GET"],
    ["/", { accept: "text/html" }, "POST"],
  ])("are all there is: %s %j %s", async (path, headers, method) => {
    expect((await get(path, headers, method)).status).toBe(404);
  });

  it("are for this host's names only", async () => {
    expect((await get("/", { accept: "text/html", host: "evil.example" })).status).toBe(421);
  });

  it("say when they were not built", async () => {
    const response = await get("/", { accept: "text/html" }, "GET", join(folder, "missing"));
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining("npm run build:web")]);
  });
});
