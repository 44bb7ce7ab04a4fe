/** The CloudFront Function of the revocation distribution, in a context that has nothing but the language. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { root } from "../../toolchain/runtime.mjs";

export const viewerSource = readFileSync(join(root, "infra/aws/edge/revocation-viewer.js"), "utf8");

interface ViewerRequest {
  readonly method: string;
  readonly uri: string;
}

/** @param now the edge's clock, milliseconds @returns the URI with which the edge looks into its cache and asks its origins */
export function openViewer(now: () => number): (request: ViewerRequest) => string {
  const context = createContext({ now });
  runInContext("Date = { now: now }; delete globalThis.now;", context);
  runInContext(viewerSource, context, { filename: "revocation-viewer.js" });
  const handler = runInContext("handler", context) as (event: object) => ViewerRequest;
  return ({ method, uri }) =>
    handler({
      version: "1.0",
      context: { eventType: "viewer-request" },
      viewer: { ip: "192.0.2.1" },
      request: { method, uri, querystring: {}, headers: {}, cookies: {} },
    }).uri;
}
