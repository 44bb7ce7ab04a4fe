/*
 * Viewer request of the revocation distribution: CloudFront Functions, JavaScript runtime 2.0 (ES 5.1 with const, let and
 * arrow functions; no import, no spread, no destructuring). It turns what a relying party asks for into the key of the
 * stored object, so that every spelling of one question is one object in the cache and in the bucket.
 *
 * The key of an OCSP answer is the request without its four wrappers: the CertID, and nothing is lost by that. What is
 * anything else (a nonce, a signature, two questions, odd DER, odd base64) goes on as it came, and the function answers.
 * `shared/pki/stored-status.ts` says the same in TypeScript; a test holds the two together.
 */
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const urlAlphabet = alphabet.slice(0, 62) + "-_";
/* In characters and octets: a CertID of SHA-512 with the longest serial has some 220 octets. */
const maxPath = 1024;
const maxCertId = 256;

/* RFC 6960 A.1: base64, then percent-encoding. Undefined: none of that. */
function octetsOf(path) {
  /* What percent-encoding makes of base64, and nothing that decodeURIComponent would refuse. */
  if (path.length > maxPath || !/^(?:[A-Za-z0-9+/=]|%[2-7][0-9A-Fa-f])+$/.test(path)) return undefined;
  const text = decodeURIComponent(path);
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const octets = [];
  for (let at = 0; at < text.length; at += 4) {
    let word = 0;
    let found = 0;
    for (let n = 0; n < 4; n++) {
      const value = alphabet.indexOf(text.charAt(at + n));
      word = word * 64 + (value < 0 ? 0 : value);
      if (value >= 0) found++;
    }
    for (let n = 0; n < found - 1; n++) octets.push((word >> (16 - 8 * n)) & 255);
  }
  return octets;
}

/* Where the content of the SEQUENCE begins that fills `at` to the end, in DER. Undefined: no such thing. */
function inside(octets, at) {
  const left = octets.length - at;
  if (octets[at] !== 0x30 || left < 2) return undefined;
  const first = octets[at + 1];
  if (first < 0x80) return first === left - 2 ? at + 2 : undefined;
  if (first === 0x81) return octets[at + 2] >= 0x80 && octets[at + 2] === left - 3 ? at + 3 : undefined;
  if (first !== 0x82) return undefined;
  const length = octets[at + 2] * 256 + octets[at + 3];
  return length >= 0x100 && length === left - 4 ? at + 4 : undefined;
}

/* OCSPRequest, TBSRequest, requestList, Request: each holds nothing but the next, and the last a CertID. */
function certIdOf(octets) {
  let at = 0;
  for (let depth = 0; depth < 4; depth++) {
    at = inside(octets, at);
    if (at === undefined) return undefined;
  }
  const certId = octets.slice(at);
  return certId.length <= maxCertId && inside(certId, 0) !== undefined ? certId : undefined;
}

function base64url(octets) {
  let text = "";
  for (let at = 0; at < octets.length; at += 3) {
    const left = octets.length - at;
    const word = octets[at] * 65536 + (left > 1 ? octets[at + 1] * 256 : 0) + (left > 2 ? octets[at + 2] : 0);
    text += urlAlphabet.charAt(word >> 18) + urlAlphabet.charAt((word >> 12) & 63);
    if (left > 1) text += urlAlphabet.charAt((word >> 6) & 63);
    if (left > 2) text += urlAlphabet.charAt(word & 63);
  }
  return text;
}

/* An hour, which begins for each certificate at a moment of its own; a day. */
function keyOf(uri, seconds) {
  const ocsp = /^\/ocsp\/([a-z2-7]{20})\/(.+)$/.exec(uri);
  if (ocsp) {
    const octets = octetsOf(ocsp[2]);
    const certId = octets && certIdOf(octets);
    if (!certId) return undefined;
    const hour = Math.floor((seconds + 14 * certId[certId.length - 1]) / 3600);
    return "/status/ocsp/" + ocsp[1] + "/" + hour + "/" + base64url(certId);
  }
  const crl = /^\/crl\/([a-z2-7]{20})\/((?:0|[1-9][0-9]{0,3})(?:-delta)?\.crl)$/.exec(uri);
  if (crl) return "/status/crl/" + crl[1] + "/" + Math.floor(seconds / 86400) + "/" + crl[2];
  return /^\/ca\/[a-z2-7]{20}\.cer$/.test(uri) ? "/status" + uri : undefined;
}

/* Called by the runtime, by this name. */
// oxlint-disable-next-line no-unused-vars
function handler(event) {
  const request = event.request;
  if (request.method === "GET" || request.method === "HEAD") {
    const key = keyOf(request.uri, Math.floor(Date.now() / 1000));
    if (key !== undefined) request.uri = key;
  }
  return request;
}
