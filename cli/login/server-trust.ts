/**
 * Whether a server is who it says, the first time. Publicly trusted ones need nobody's word. Of others a person is shown the
 * fingerprint of the root, says yes once, and from then on that root alone counts. Nothing but a TLS handshake is sent before.
 */
// oxlint-disable-next-line no-restricted-imports -- one handshake, to read certificates that nobody trusts yet
import { connect, type DetailedPeerCertificate } from "node:tls";
import { isIP } from "node:net";
import { constantTimeEqual } from "#shared/crypto/equal";
import { sha256Hex } from "#shared/crypto/hash";
import { utf8 } from "#shared/kernel/bytes";
import { Failure, isFailure } from "#shared/kernel/failure";
import { pemDecode, pemEncode } from "#shared/pki/pem";
import { readCa } from "../connection.ts";
import { UsageError } from "../failures.ts";
import { resolving } from "../loopback-names.ts";
import type { Terminal } from "../terminal.ts";
import { httpsTransport } from "../transport.ts";

export interface TrustOptions {
  /** PEM file of the roots to trust. */
  readonly caFile?: string | undefined;
  /** SHA-256 of the root's DER, hex, with or without colons. */
  readonly caFingerprint?: string | undefined;
}

/** `AB:CD:…`, as `openssl x509 -fingerprint -sha256` shows it. */
export const fingerprintOf = (der: Uint8Array): string => (sha256Hex(der).toUpperCase().match(/../g) ?? []).join(":");

/** Of the first certificate of a pinned PEM. */
export const fingerprintOfPem = (pem: string): string => {
  const [der] = pemDecode(pem, "CERTIFICATE", "ca");
  return der === undefined ? "none" : fingerprintOf(der);
};

/**
 * @returns PEM of the root to pin; undefined: it is publicly trusted, and nothing was asked for
 * @throws Failure `misconfigured` for a server that is not what was asked for, UsageError when nobody is here to say yes
 */
export async function rootToPin(url: URL, options: TrustOptions, terminal: Terminal): Promise<string | undefined> {
  const { caFile, caFingerprint } = options;
  if (caFile !== undefined) {
    const ca = await readCa(caFile, "--ca-file");
    const fingerprint = fingerprintOfPem(ca); // refuses what is no certificate
    if (caFingerprint !== undefined) assertSame(caFingerprint, fingerprint, url);
    await handshake(url, ca);
    return ca;
  }
  const trusted = await isPubliclyTrusted(url);
  if (trusted && caFingerprint === undefined) return undefined;
  const root = await presentedRoot(url);
  const fingerprint = fingerprintOf(root);
  if (caFingerprint !== undefined) assertSame(caFingerprint, fingerprint, url);
  else await agreed(url, fingerprint, terminal);
  const pem = pemEncode("CERTIFICATE", root);
  await handshake(url, pem);
  return pem;
}

/** Any answer will do: what counts is that TLS came up. */
async function handshake(url: URL, ca: string | undefined): Promise<void> {
  await httpsTransport(url, ca)({ method: "GET", path: "/healthz", headers: { accept: "application/json" } });
}

async function isPubliclyTrusted(url: URL): Promise<boolean> {
  try {
    await handshake(url, undefined);
    return true;
  } catch (error) {
    if (isFailure(error, "misconfigured") && error.extensions?.["untrusted"] === true) return false;
    throw error;
  }
}

/** The root at the end of the chain that the server shows, DER. */
async function presentedRoot(url: URL): Promise<Uint8Array> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const place = { host, ...resolving(host), port: url.port === "" ? 443 : Number(url.port) };
  const chain = await new Promise<DetailedPeerCertificate>((resolve, reject) => {
    // Not trusted: what comes of it is shown to a person, and the next handshake is checked against it.
    const socket = connect({ ...place, ...(isIP(host) === 0 && { servername: host }), rejectUnauthorized: false });
    socket.setTimeout(20_000, () => socket.destroy(new Error("it did not answer for 20 s")));
    socket.on("secureConnect", () => {
      resolve(socket.getPeerCertificate(true));
      socket.destroy();
    });
    socket.on("error", (error: Error) =>
      reject(new Failure("unavailable", `${url.origin} shows no certificate: ${error.message}`, { cause: error })),
    );
  });
  let last = chain;
  for (let length = 0; length < 10 && last.issuerCertificate !== undefined; length++) {
    if (last.issuerCertificate.fingerprint256 === last.fingerprint256) return new Uint8Array(last.raw);
    last = last.issuerCertificate;
  }
  throw new Failure(
    "misconfigured",
    `${url.origin} is vouched for by a CA of its own and does not show that CA's root. Get the root as a PEM file from whoever runs it (on the host: trstctl tls-root) and give it with --ca-file`,
  );
}

const plainHex = (text: string): string => text.replace(/[:\s]/g, "").toUpperCase();

function assertSame(given: string, shown: string, url: URL): void {
  if (!/^[0-9A-F]{64}$/.test(plainHex(given)))
    throw new UsageError("--ca-fingerprint: expected the SHA-256 of the root, 64 hex digits, with or without colons");
  if (constantTimeEqual(utf8(plainHex(given)), utf8(plainHex(shown)))) return;
  throw new Failure(
    "misconfigured",
    `${url.origin} is vouched for by another root than the one you gave. Nothing was sent.\n  given  ${given}\n  shown  ${shown}\n  Ask whoever runs it which one is right; if it is yours that is, something stands between you and the host`,
  );
}

/** @throws UsageError unless a person says yes */
async function agreed(url: URL, fingerprint: string, terminal: Terminal): Promise<void> {
  const compare = "on the host: trstctl tls-root | openssl x509 -noout -fingerprint -sha256";
  if (!terminal.interactive)
    throw new UsageError(
      `${url.origin} is not vouched for by a public CA, and nobody is here to look at its root. Compare\n  ${fingerprint}\nwith the host's (${compare}), then give it with --ca-fingerprint`,
    );
  terminal.note(
    `${url.origin} is not vouched for by a public CA. Its root has the SHA-256 fingerprint\n  ${fingerprint}\nCompare it, ${compare}`,
  );
  if (!(await terminal.confirm("Is it the same? From then on this root alone vouches for this server")))
    throw new UsageError("not confirmed: nothing was sent and nothing was kept");
}
