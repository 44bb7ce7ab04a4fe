/*
 * Viewer request of the APIs: CloudFront Functions, JavaScript runtime 2.0. Tells the function who asks; what the viewer
 * itself said of that is dropped. A function believes it only where nobody but the edge reaches its API (`originLocked`).
 */

/* Called by the runtime, by this name. */
// oxlint-disable-next-line no-unused-vars
function handler(event) {
  const headers = event.request.headers;
  delete headers["cloudfront-viewer-address"];
  delete headers["cloudfront-viewer-cert-pem"];
  headers["x-trstctl-viewer-address"] = { value: event.viewer.ip };
  return event.request;
}
