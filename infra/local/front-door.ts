/**
 * Stands before the API's listener: what is too much is refused here, for a tenth of what an answer costs, before a body is
 * read or a token looked up. Whose request it is it knows from earlier ones; those it does not know share one part.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { sha256Hex } from "#shared/crypto/hash";
import { createAdmission } from "#shared/http/admission";
import { securityHeaders } from "#shared/http/headers";
import { problemAnswer } from "#shared/http/problem";
import { Failure } from "#shared/kernel/failure";

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

export interface FrontDoor {
  guard(listener: Listener): Listener;
  /** A token that opened something, by its header field. */
  learn(authorization: string | null, tenant: string): void;
  readonly refused: () => number;
  stop(): void;
}

/** At the least so many that commits still come in groups; at the most as many as the API's pool. */
const limits = { least: 192, most: 512, targetMs: 40 };
const lookEveryMs = 25;
const maxKnown = 10_000;
/** Health, readiness and metrics are for whoever wants to know why. */
const guarded = "/api/";
const stranger = "";

export function openFrontDoor(): FrontDoor {
  const admission = createAdmission(limits);
  const refusal = tooMuch();
  /** Tenant by the hash of the header field. */
  const known = new Map<string, string>();
  let expected = performance.now() + lookEveryMs;
  const timer = setInterval(() => {
    const now = performance.now();
    admission.late(Math.max(0, now - expected));
    expected = now + lookEveryMs;
  }, lookEveryMs);
  timer.unref();

  const shareOf = (incoming: IncomingMessage): string => {
    const authorization = authorizationOf(incoming);
    return (authorization === undefined ? undefined : known.get(sha256Hex(authorization))) ?? stranger;
  };

  return {
    guard: (listener) => (incoming, outgoing) => {
      if (incoming.url?.startsWith(guarded) !== true) return listener(incoming, outgoing);
      const share = shareOf(incoming);
      if (!admission.enter(share)) {
        outgoing.writeHead(503, refusal.headers);
        outgoing.end(refusal.body);
        return;
      }
      let inside = true;
      const leave = (): void => {
        if (inside) admission.leave(share);
        inside = false;
      };
      outgoing.once("close", leave);
      // A slow sender holds no place: the pool behind this begins where the body ends.
      setImmediate(() => {
        if (!incoming.complete) leave();
      });
      listener(incoming, outgoing);
    },
    learn(authorization, tenant) {
      if (authorization === null) return;
      const name = sha256Hex(authorization);
      if (known.has(name)) return;
      if (known.size >= maxKnown) known.delete(known.keys().next().value ?? "");
      known.set(name, tenant);
    },
    refused: admission.refused,
    stop: () => clearInterval(timer),
  };
}

/** Without making an object of all fields, which most of those that come here will never need. */
function authorizationOf({ rawHeaders }: IncomingMessage): string | undefined {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (name.length === 13 && name.toLowerCase() === "authorization") return rawHeaders[at + 1];
  }
  return undefined;
}

/** Made once: the same for everybody. @returns names and values in turn, as they are written */
function tooMuch(): { readonly headers: string[]; readonly body: string } {
  const failure = new Failure("overloaded", "the host has more to do than it can; try again", { retryAfter: 1 });
  const { headers, body } = problemAnswer(failure, "-");
  const text = String(body);
  const all = { ...headers, ...securityHeaders, "content-length": String(Buffer.byteLength(text)) };
  return { headers: Object.entries(all).flat(), body: text };
}
