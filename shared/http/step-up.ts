/** Of grave operations a browser's session must have shown lately who is there; a token is not asked (docs/design/0087). */
import { newLinkBy } from "#shared/contracts/console-link";
import { holds, type Operation } from "#shared/contracts/operation";
import { Failure } from "#shared/kernel/failure";

/** What is judged of a session. */
export interface ShownBy {
  readonly method: "local" | "oidc";
  readonly provider: string | null;
  /** Milliseconds. */
  readonly authenticatedAt: number;
}

export const stepUpMaxAgeMs = 5 * 60_000;

/**
 * @param session undefined for a request that a token authenticates
 * @throws Failure `forbidden` with reason `step_up_required`: nothing was done, and the same request will do after it
 */
export function assertShownLately(
  operation: Operation,
  body: unknown,
  session: ShownBy | undefined,
  now: number,
): void {
  if (session === undefined || !holds(operation.stepUp, body)) return;
  if (now - session.authenticatedAt <= stepUpMaxAgeMs) return;
  const { method, provider } = session;
  const way =
    provider === null
      ? `follow a new link, made by ${newLinkBy}`
      : `sign in again at /auth/oidc/${provider}/start?step_up=1`;
  throw new Failure(
    "forbidden",
    `this wants a session that showed in the last five minutes who is there: ${way}, then send the same request again`,
    {
      extensions: {
        reason: "step_up_required",
        max_age: stepUpMaxAgeMs / 1000,
        method,
        ...(provider !== null && { provider }),
      },
    },
  );
}
