/**
 * Status of certificates, over plain HTTP: OCSP, CRLs, CA certificates, and nothing else (DESIGN §5). Behind an edge that
 * looks for stored objects first, what it did not find is stored for it.
 */
import { type Context, Hono } from "hono";
import { crlId } from "#shared/domain/crl/crl";
import { readBody } from "#shared/http/body";
import { mediaTypeOf } from "#shared/http/media-type";
import { type Fetches, knownMethodsOnly } from "#shared/http/known-methods";
import { hostOf } from "#shared/http/host-guard";
import { fromBase64 } from "#shared/kernel/bytes";
import { Failure, isFailure } from "#shared/kernel/failure";
import { ocspErrorResponse } from "#shared/pki/ocsp";
import type { PublicObjects } from "#shared/ports/public-objects";
import { createOcspResponder } from "#shared/usecases/answer-ocsp";
import {
  caCacheControl,
  createStoredStatus,
  crlCacheControl,
  type CrlFile,
  crlSharedSeconds,
  type MissedAnswer,
  ocspCacheControl,
  ocspSharedSeconds,
  type StoredStatus,
} from "#shared/usecases/stored-status";
import type { BoundDeps } from "../function.ts";

const maxRequestBytes = 16 * 1024;
const issuerShape = /^[a-z2-7]{20}$/;

/** @param objects where an edge looks first, if there is one */
export function createRevocationApp(deps: BoundDeps, objects?: PublicObjects): Fetches {
  const app = new Hono();
  const responder = createOcspResponder(deps);
  if (objects !== undefined) serveMissed(createStoredStatus(deps, objects, responder));

  app.post("/ocsp/:issuer", (c) =>
    answered(c, async () => {
      const type = mediaTypeOf(c.req.raw.headers);
      if (type !== "application/ocsp-request")
        throw new Failure("not_acceptable_media", "send content-type: application/ocsp-request");
      return ocsp(c.req.param("issuer"), await readBody(c.req.raw, maxRequestBytes), false);
    }),
  );
  // The rest of the path is the request: base64 has slashes of its own (RFC 6960 A.1).
  app.get("/ocsp/:issuer/*", (c) =>
    answered(c, async () => {
      const issuer = c.req.param("issuer") ?? "";
      const { pathname } = new URL(c.req.url);
      return ocsp(issuer, requestFromPath(pathname.slice(`/ocsp/${issuer}/`.length)), true);
    }),
  );
  app.get("/crl/:issuer/:file", (c) => answered(c, () => crl(c, c.req.param("issuer"), c.req.param("file"))));
  app.get("/ca/:file", (c) => answered(c, () => caCertificate(c.req.param("file"))));
  app.all("*", (c) => answered(c, async () => notFound()));

  /** By the names under which the edge found nothing (`infra/aws/edge/revocation-viewer.js`). */
  function serveMissed(stored: StoredStatus): void {
    app.get("/status/ocsp/:issuer/:window/:question", (c) =>
      answered(c, () => {
        const { issuer, window, question } = c.req.param();
        const missed = stored.ocsp(issuer, window, question) ?? notFound();
        return ocsp(issuer, missed.request, true, missed);
      }),
    );
    app.get("/status/crl/:issuer/:window/:file", (c) =>
      answered(c, () => {
        const { issuer, window, file } = c.req.param();
        return crl(c, issuer, file, (tenant, of) => stored.crl(tenant, issuer, window, of));
      }),
    );
    app.get("/status/ca/:file", (c) => answered(c, () => caCertificate(c.req.param("file"), stored.ca)));
  }

  /** What could not be stored is answered all the same. */
  const kept = async (work: Promise<void> | undefined): Promise<void> =>
    work?.catch((error: unknown) => deps.report(error, { function: "revocation", duty: "store" }));

  async function ocsp(issuer: string, request: Uint8Array, byGet: boolean, missed?: MissedAnswer): Promise<Response> {
    if (!issuerShape.test(issuer)) return notFound();
    try {
      const answer = await responder.answer(issuer, request, { untilMs: missed?.untilMs });
      await kept(missed?.keep(answer));
      const { der, cacheable, nextUpdateMs } = answer;
      const seconds = Math.min(ocspSharedSeconds, Math.floor((nextUpdateMs - deps.clock.now()) / 1000));
      return binary(der, "application/ocsp-response", cacheable && byGet ? ocspCacheControl(seconds) : "no-store");
    } catch (error) {
      return ocspFailure(error);
    }
  }

  /** RFC 6960 2.3: what went wrong is said in the protocol's own form. */
  function ocspFailure(error: unknown): Response {
    if (isFailure(error, "not_found")) throw error;
    if (isFailure(error, "malformed") || isFailure(error, "invalid_field"))
      return binary(ocspErrorResponse("malformedRequest"), "application/ocsp-response", "no-store", 400);
    if (isFailure(error, "forbidden"))
      return binary(ocspErrorResponse("unauthorized"), "application/ocsp-response", "no-store");
    const later =
      isFailure(error, "unavailable") || isFailure(error, "overloaded") || isFailure(error, "guard_refused");
    if (!later) deps.report(error, { function: "revocation" });
    const response = binary(
      ocspErrorResponse(later ? "tryLater" : "internalError"),
      "application/ocsp-response",
      "no-store",
      later ? 503 : 500,
    );
    response.headers.set("retry-after", "1");
    return response;
  }

  async function crl(
    c: Context,
    issuer: string,
    file: string,
    keep?: (tenant: string, of: CrlFile) => Promise<void>,
  ): Promise<Response> {
    const [, shard, isDelta] = /^(\d{1,4})(-delta)?\.crl$/.exec(file) ?? [];
    const entry =
      shard !== undefined && issuerShape.test(issuer) ? await deps.directory.resolve("issuer", issuer) : undefined;
    if (entry === undefined || shard === undefined) return notFound();
    const current = async () => {
      const { state: crl } = await deps.log.load(entry.tenant, "crl", crlId(issuer, Number(shard)));
      return isDelta === undefined ? crl : crl?.delta;
    };
    const state = await current();
    if (state === undefined) throw new Failure("not_found", "no CRL was published yet");
    const etag = `"${state.sha256.slice(0, 32)}"`;
    const left = Math.floor((Date.parse(state.next_update) - deps.clock.now()) / 1000);
    const cacheControl = crlCacheControl(Math.max(0, Math.min(crlSharedSeconds, left)));
    await kept(keep?.(entry.tenant, { shard: Number(shard), delta: isDelta !== undefined }));
    if (
      c.req
        .header("if-none-match")
        ?.split(",")
        .some((tag) => tag.trim().replace(/^W\//, "") === etag)
    ) {
      return new Response(null, { status: 304, headers: { etag, "cache-control": cacheControl } });
    }
    // A publication in between takes the old bytes away; the newer state then points to the newer ones.
    const der = (await deps.blob.get(state.blob)) ?? (await deps.blob.get((await current())?.blob ?? state.blob));
    if (der === undefined) throw new Failure("unavailable", "the CRL is being published anew", { retryAfter: 5 });
    const response = binary(der, "application/pkix-crl", cacheControl);
    response.headers.set("etag", etag);
    response.headers.set("last-modified", new Date(state.this_update).toUTCString());
    return response;
  }

  async function caCertificate(
    file: string,
    keep?: (issuer: string, der: Uint8Array) => Promise<void>,
  ): Promise<Response> {
    const issuer = file.endsWith(".cer") ? file.slice(0, -4) : "";
    const entry = issuerShape.test(issuer) ? await deps.directory.resolve("issuer", issuer) : undefined;
    if (entry === undefined) return notFound();
    const { state } = await deps.log.load(entry.tenant, "issuer", issuer);
    // RFC 5280 4.2.2.1: application/pkix-cert, DER.
    if (state === undefined) return notFound();
    const der = fromBase64(state.certificate);
    await kept(keep?.(issuer, der));
    return binary(der, "application/pkix-cert", caCacheControl);
  }

  /** Plain text to people, nothing of ours in it; the pool sheds a flood. */
  async function answered(c: Context, work: () => Promise<Response>): Promise<Response> {
    try {
      const host = c.req.header("host");
      if (host !== undefined && !deps.revocationHostnames.has(hostOf(host))) {
        throw new Failure("host_refused", "this host does not answer to that name");
      }
      const response = await deps.pool.run(work);
      response.headers.set("x-content-type-options", "nosniff");
      return response;
    } catch (error) {
      if (isFailure(error, "overloaded") || isFailure(error, "unavailable"))
        return text(503, error.message, { "retry-after": String(error.retryAfter ?? 1) });
      if (isFailure(error, "host_refused")) return text(421, error.message);
      if (isFailure(error, "too_large")) return text(413, error.message);
      if (isFailure(error, "not_acceptable_media")) return text(415, error.message);
      if (isFailure(error, "not_found")) return text(404, error.message);
      if (isFailure(error, "malformed")) return text(400, error.message);
      deps.report(error, { function: "revocation" });
      return text(500, `internal error at ${c.req.method}`);
    }
  }

  return knownMethodsOnly(app, ({ message }) => text(405, message));
}

function notFound(): never {
  throw new Failure(
    "not_found",
    "nothing here: /ocsp/<issuer>, /crl/<issuer>/<shard>.crl and /ca/<issuer>.cer are served",
  );
}

/** @throws Failure `malformed` */
function requestFromPath(encoded: string): Uint8Array {
  let base64: string;
  try {
    base64 = decodeURIComponent(encoded);
  } catch (cause) {
    throw new Failure("malformed", "the path is not percent-encoded base64", { cause });
  }
  if (base64.length > 2 * maxRequestBytes || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64))
    throw new Failure("malformed", "the path is not percent-encoded base64");
  return fromBase64(base64);
}

const binary = (bytes: Uint8Array, type: string, cacheControl: string, status = 200): Response =>
  new Response(bytes as Uint8Array<ArrayBuffer>, {
    status,
    headers: { "content-type": type, "cache-control": cacheControl },
  });

const text = (status: number, message: string, headers: Record<string, string> = {}): Response =>
  new Response(`${message}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", ...headers },
  });
