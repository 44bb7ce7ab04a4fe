/** Which methods a router gets to see: an allow-list before it looks the method up. */
import { Failure } from "#shared/kernel/failure";

const known: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export interface Fetches {
  fetch(request: Request): Response | Promise<Response>;
}

/**
 * Hono's router finds `constructor` and `__proto__` among the methods of any route and writes into what they are. Node's
 * own HTTP parser lets no such method through; another edge may.
 * @param refused renders the refusal
 */
export const knownMethodsOnly = (app: Fetches, refused: (failure: Failure) => Response): Fetches => ({
  fetch: (request) =>
    known.has(request.method)
      ? app.fetch(request)
      : refused(new Failure("method_not_allowed", "this method is not served here")),
});
