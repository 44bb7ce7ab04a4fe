/** What the bridge says to whoever comes: in gRPC's own words to a gRPC client, as a problem to any other. */
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";

const detail = "this bridge serves no agents yet: enrol over EST, ACME, SCEP, CMP or the API";

/** gRPC over HTTP/2: trailers alone, status UNIMPLEMENTED. */
const unimplemented = 12;

export function refuse(request: Http2ServerRequest, response: Http2ServerResponse): void {
  // Whatever else is in it is not read.
  request.resume();
  if (request.httpVersionMajor === 2 && (request.headers["content-type"] ?? "").startsWith("application/grpc")) {
    response.writeHead(200, {
      "content-type": "application/grpc",
      "grpc-status": String(unimplemented),
      "grpc-message": encodeURIComponent(detail),
    });
    response.end();
    return;
  }
  const body = JSON.stringify({
    type: "about:blank",
    title: "Not Implemented",
    status: 501,
    code: "not_served",
    detail,
  });
  response.writeHead(501, {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    // No field of HTTP/2.
    ...(request.httpVersionMajor === 1 && { connection: "close" }),
  });
  response.end(body);
}
