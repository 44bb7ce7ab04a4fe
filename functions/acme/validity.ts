/** notBefore and notAfter of an order (RFC 8555 7.4): what cannot be fulfilled as asked is refused. */
import { AcmeError } from "./problem.ts";

/** Certificates begin when they are issued, a minute back for clocks that lag; a client's clock may be off this much. */
const startMs = 300_000;
/** RFC 3339. */
const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;

export interface Window {
  readonly not_before: string | null;
  readonly not_after: string | null;
}

/** @param maxSeconds of the profile @throws AcmeError `malformed` */
export function checkedWindow(
  { notBefore, notAfter }: { readonly notBefore?: string | undefined; readonly notAfter?: string | undefined },
  maxSeconds: number,
  nowMs: number,
): Window {
  const begin = momentOf(notBefore, "notBefore");
  const end = momentOf(notAfter, "notAfter");
  if (begin !== undefined && Math.abs(begin - nowMs) > startMs)
    throw new AcmeError(
      "malformed",
      "notBefore: certificates begin when they are issued; leave it out, or name a moment within 5 minutes of now",
    );
  if (end !== undefined && end <= nowMs) throw new AcmeError("malformed", "notAfter lies in the past");
  if (end !== undefined && end - nowMs > maxSeconds * 1000)
    throw new AcmeError(
      "malformed",
      `notAfter: the profile grants at most ${maxSeconds} s, until ${new Date(nowMs + maxSeconds * 1000).toISOString()}`,
    );
  return { not_before: textOf(begin), not_after: textOf(end) };
}

const textOf = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

function momentOf(text: string | undefined, field: string): number | undefined {
  if (text === undefined) return undefined;
  const ms = moment.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new AcmeError("malformed", `${field} is no moment as RFC 3339 writes it`);
  return ms;
}
