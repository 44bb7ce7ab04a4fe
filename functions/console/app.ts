/** The console's files, as the build left them in web/dist. Every page is the same document: the path is for its script. */
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Answer, responseOf } from "#shared/http/answer";
import { consoleHeaders, strictTransport } from "#shared/http/headers";
import { assertHost } from "#shared/http/host-guard";
import type { Fetches } from "#shared/http/known-methods";
import { problemAnswer } from "#shared/http/problem";
import { traceOf } from "#shared/http/trace";
import { Failure } from "#shared/kernel/failure";
import type { BoundDeps } from "../function.ts";

const built = fileURLToPath(new URL("../../web/dist/", import.meta.url));

const mediaTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

interface File {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly brotli: Uint8Array<ArrayBuffer> | undefined;
  readonly type: string;
}

/** Files of a build by their path in a URL. */
function readBuild(folder: string): ReadonlyMap<string, File> {
  const files = new Map<string, File>();
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch {
    return files;
  }
  const read = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(join(folder, name)));
  for (const name of names) {
    const type = mediaTypes[extname(name)];
    if (type === undefined) continue;
    const brotli = names.includes(`${name}.br`) ? read(`${name}.br`) : undefined;
    files.set(`/${name.replaceAll("\\", "/")}`, { plain: read(name), brotli, type });
  }
  return files;
}

export function createConsole(deps: Pick<BoundDeps, "hostnames">, folder = built): Fetches {
  const files = readBuild(folder);

  function answer(request: Request): Answer {
    assertHost(request.headers, deps.hostnames);
    const { pathname } = new URL(request.url);
    const page =
      !files.has(pathname) &&
      !pathname.startsWith("/assets/") &&
      (request.headers.get("accept") ?? "").includes("text/html");
    const file = files.get(page ? "/index.html" : pathname);
    if (request.method !== "GET" && request.method !== "HEAD")
      throw new Failure("not_found", "there is nothing here; the API is described at /api/v1/openapi.json");
    if (file === undefined && page)
      throw new Failure("unavailable", "the console is not built: npm run build:web, then start the host again");
    if (file === undefined)
      throw new Failure("not_found", "there is nothing here; the API is described at /api/v1/openapi.json");
    const compressed = acceptsBrotli(request) ? file.brotli : undefined;
    // Names of assets hold the hash of what is in them.
    const cacheControl = pathname.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
    return {
      status: 200,
      headers: {
        "content-type": file.type,
        "cache-control": cacheControl,
        vary: "accept, accept-encoding",
        ...(compressed !== undefined && { "content-encoding": "br" }),
      },
      body: request.method === "HEAD" ? null : (compressed ?? file.plain),
    };
  }

  return {
    fetch(request) {
      const trace = traceOf(request.headers.get("traceparent"));
      const headers = { ...consoleHeaders, ...strictTransport(request.headers), traceparent: trace.traceparent };
      try {
        return responseOf(answer(request), headers);
      } catch (error) {
        return responseOf(problemAnswer(error, trace.id), headers);
      }
    },
  };
}

const acceptsBrotli = (request: Request): boolean =>
  (request.headers.get("accept-encoding") ?? "").split(",").some((coding) => coding.trim().split(";")[0] === "br");
