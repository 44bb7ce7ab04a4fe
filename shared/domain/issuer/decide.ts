import { Failure } from "#shared/kernel/failure";
import type { Issuer, IssuerEvent } from "./issuer.ts";

/** @throws Failure `conflict` for a root or an issuer that is retired already. */
export function decideRetireIssuer(issuer: Issuer): IssuerEvent {
  if (issuer.role === "root")
    throw new Failure("conflict", "a root is not retired: its issuing CAs are", { field: "id" });
  if (issuer.status === "retired") throw new Failure("conflict", "the issuer is retired already", { field: "id" });
  return { type: "issuer.retired", data: {} };
}

/** @throws Failure `unprocessable` when the issuer gives no leaf certificates at this moment. */
export function assertIssues(issuer: Issuer, nowMs: number): void {
  if (issuer.role !== "issuing")
    throw new Failure("unprocessable", "a root signs CAs only; name an issuing CA", { field: "issuer_id" });
  if (issuer.status !== "active")
    throw new Failure("unprocessable", "the issuer is retired; name another", { field: "issuer_id" });
  if (Date.parse(issuer.not_after) <= nowMs)
    throw new Failure("unprocessable", `the issuer expired at ${issuer.not_after}; create a new one`, {
      field: "issuer_id",
    });
}
