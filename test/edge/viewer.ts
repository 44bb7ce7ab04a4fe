/** The CloudFront Functions of the edge, each in a context that has nothing but the language. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { root } from "../../toolchain/runtime.mjs";

const folder = join(root, "infra/aws/edge");

/** Source text by name of the function. */
export const viewerSources: ReadonlyMap<string, string> = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith(".js"))
    .map((file) => [file.slice(0, -3), readFileSync(join(folder, file), "utf8")] as const),
);

export interface ViewerRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers?: Readonly<Record<string, { readonly value: string }>>;
}

/** @param now the edge's clock, milliseconds @returns the request that the edge goes on with */
export function openFunction(name: string, now: () => number = Date.now): (request: ViewerRequest) => ViewerRequest {
  const context = createContext({ now });
  runInContext("Date = { now: now }; delete globalThis.now;", context);
  runInContext(viewerSources.get(name) ?? "", context, { filename: `${name}.js` });
  const handler = runInContext("handler", context) as (event: object) => ViewerRequest;
  return ({ method, uri, headers = {} }) =>
    handler({
      version: "1.0",
      context: { eventType: "viewer-request" },
      viewer: { ip: "192.0.2.1" },
      request: { method, uri, querystring: {}, headers: { ...headers }, cookies: {} },
    });
}

/** @returns the URI with which the edge looks into its cache and asks its origins */
export function openViewer(now: () => number): (request: ViewerRequest) => string {
  const handle = openFunction("revocation-viewer", now);
  return (request) => handle(request).uri;
}
