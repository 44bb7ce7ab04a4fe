/** notBefore and notAfter of an order (RFC 8555 7.4): what cannot be fulfilled as asked is refused. */
import { AcmeError } from "./problem.ts";

/** How far from now a certificate may begin: within what the signer takes, with room for the time until finalize. */
const backMs = 23 * 3_600_000;
const aheadMs = 55 * 60_000;
/** A certificate whose begin is left to us begins a minute back: that counts too. */
const usualBackMs = 120_000;
/** RFC 3339. */
const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;

export interface Window {
  readonly not_before: string | null;
  readonly not_after: string | null;
}

interface Asked {
  readonly notBefore?: string | undefined;
  readonly notAfter?: string | undefined;
}

interface Terms {
  /** Of the profile. */
  readonly maxSeconds: number;
  /** A person approves: nobody knows when it will be issued. */
  readonly manual: boolean;
  readonly nowMs: number;
}

/** @throws AcmeError `malformed` */
export function checkedWindow({ notBefore, notAfter }: Asked, { maxSeconds, manual, nowMs }: Terms): Window {
  const begin = momentOf(notBefore, "notBefore");
  const end = momentOf(notAfter, "notAfter");
  if (begin !== undefined && manual)
    throw new AcmeError("malformed", "notBefore: a person approves here, and the certificate begins when that is done");
  if (begin !== undefined && (begin < nowMs - backMs || begin > nowMs + aheadMs))
    throw new AcmeError("malformed", "notBefore: a certificate begins at most 23 hours back and 55 minutes ahead");
  if (end !== undefined && end <= Math.max(nowMs, begin ?? 0))
    throw new AcmeError("malformed", "notAfter lies in the past, or not after notBefore");
  const last = (begin ?? nowMs - usualBackMs) + maxSeconds * 1000;
  if (end !== undefined && end > last)
    throw new AcmeError(
      "malformed",
      `notAfter: the profile grants at most ${maxSeconds} s, until ${new Date(last).toISOString()}`,
    );
  return { not_before: textOf(begin), not_after: textOf(end) };
}

/** At finalize: the order may be older than its begin can be. @throws AcmeError `malformed` */
export function assertStillFits(notBefore: string, nowMs: number): void {
  if (Date.parse(notBefore) < nowMs - backMs)
    throw new AcmeError("malformed", `the order's notBefore ${notBefore} lies too far back by now; make a new order`);
}

/** In whole seconds, as certificates count. */
const textOf = (ms: number | undefined): string | null =>
  ms === undefined ? null : new Date(Math.floor(ms / 1000) * 1000).toISOString();

function momentOf(text: string | undefined, field: string): number | undefined {
  if (text === undefined) return undefined;
  const ms = moment.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new AcmeError("malformed", `${field} is no moment as RFC 3339 writes it`);
  return ms;
}
