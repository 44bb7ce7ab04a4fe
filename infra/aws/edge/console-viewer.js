/*
 * Viewer request of the console's files: CloudFront Functions, JavaScript runtime 2.0. Every page is the same document; its
 * path is for its script.
 */

/* Called by the runtime, by this name. */
// oxlint-disable-next-line no-unused-vars
function handler(event) {
  const request = event.request;
  if (/^[^.]*$/.test(request.uri)) request.uri = "/index.html";
  return request;
}
