/** When a certificate should be renewed (RFC 9773 4.2); anyone may ask. */
import { type Answer, jsonAnswer } from "#shared/http/answer";
import { Failure } from "#shared/kernel/failure";
import { certificateOfAriId, type Found, parseAriId } from "../certificate-id.ts";
import type { Context } from "../resource.ts";

/** RFC 9773 4.3: how often to ask. */
const askAgainSeconds = 6 * 3_600;
const hourMs = 3_600_000;

export async function renewalInfo({ deps, endpoint, ids }: Context): Promise<Answer> {
  const found = await certificateOfAriId(deps, endpoint, parseAriId(ids[0] ?? ""));
  if (found === undefined) throw new Failure("not_found", "this endpoint issued no such certificate");
  const { start, end } = suggestedWindow(found, deps.clock.now());
  const answer = jsonAnswer({
    suggestedWindow: { start: new Date(start).toISOString(), end: new Date(end).toISOString() },
  });
  return { ...answer, headers: { ...answer.headers, "retry-after": String(askAgainSeconds) } };
}

/** The second last sixth of its life, so that a fleet spreads; at once when it is revoked or its CA was taken out of use. */
export function suggestedWindow(
  { certificate: { state }, issuer }: Found,
  nowMs: number,
): { start: number; end: number } {
  const end = Date.parse(state.not_after);
  if (state.revoked_at !== null || issuer.state.status === "retired")
    // In the past: whoever reads it renews now (RFC 9773 4.2).
    return { start: nowMs - 2 * hourMs, end: nowMs - hourMs };
  const life = end - Date.parse(state.not_before);
  return { start: Math.round(end - life / 3), end: Math.round(end - life / 6) };
}
