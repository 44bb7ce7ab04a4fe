import { Failure } from "#shared/kernel/failure";
import { assertActive } from "../enrolment-endpoint/decide.ts";
import type { EnrolmentEndpoint } from "../enrolment-endpoint/enrolment-endpoint.ts";
import type { EnrolmentCredential, EnrolmentCredentialEvent } from "./enrolment-credential.ts";

/** Neither revoked nor removed. */
export const maxOpenCredentials = 10_000;
export const maxCredentialSeconds = 366 * 86_400;

export interface CreateCredential {
  readonly endpoint: string;
  /** Canonical. */
  readonly names: readonly string[];
  readonly maxUses: number | null;
  readonly expiresAt: string;
  readonly nowMs: number;
}

/** @throws Failure `conflict` for an endpoint that is disabled or has too many, `unprocessable` where no secret opens it */
export function decideCreateCredential(
  endpoint: EnrolmentEndpoint,
  { names, maxUses, expiresAt, nowMs, ...command }: CreateCredential,
): EnrolmentCredentialEvent {
  assertActive(endpoint);
  if (!endpoint.auth.includes("secret"))
    throw new Failure(
      "unprocessable",
      `endpoint ${command.endpoint} takes no secret; add secret to its auth, or enrol by ${endpoint.auth.join(" or ")}`,
      { field: "endpoint" },
    );
  if (endpoint.open_credentials >= maxOpenCredentials)
    throw new Failure(
      "conflict",
      `endpoint ${command.endpoint} has ${maxOpenCredentials} open credentials; delete those that nobody needs`,
      { field: "endpoint" },
    );
  const left = Date.parse(expiresAt) - nowMs;
  if (left <= 0 || left > maxCredentialSeconds * 1000)
    throw new Failure("invalid_field", "expires_at must lie within the next 366 days", { field: "expires_at" });
  return {
    type: "enrolment-credential.created",
    data: { ...command, names, max_uses: maxUses, expires_at: new Date(expiresAt).toISOString() },
  };
}

/** @throws Failure `conflict` when it is revoked already */
export function decideRevokeCredential(credential: EnrolmentCredential): EnrolmentCredentialEvent {
  if (credential.revoked_at !== null)
    throw new Failure("conflict", `the credential was revoked at ${credential.revoked_at}`, { field: "id" });
  return { type: "enrolment-credential.revoked", data: { endpoint: credential.endpoint } };
}

/** One message for all: who tries credentials learns nothing by it. */
export const credentialRefused = (): Failure =>
  new Failure(
    "unauthenticated",
    "the enrolment credential is unknown, wrong, expired, revoked or used up; ask for a new one",
  );

/** Neither revoked nor expired. It may be used up all the same: then it is open to what it was used for. */
export const isOpen = (credential: EnrolmentCredential, nowMs: number): boolean =>
  credential.revoked_at === null && Date.parse(credential.expires_at) > nowMs;

/**
 * @param use names the operation
 * @returns whether it is to be counted: not when it has been, nor where nothing is
 * @throws Failure `unauthenticated` when it is used up
 */
export function decideUse(credential: EnrolmentCredential, use: string): boolean {
  if (credential.max_uses === null || credential.uses.includes(use)) return false;
  if (credential.uses.length >= credential.max_uses) throw credentialRefused();
  return true;
}

/**
 * @param names canonical texts
 * @param commonName must be one of its names too: there are those who take the common name for who it is
 * @throws Failure `forbidden` naming what the credential does not grant
 */
export function assertGrants(credential: EnrolmentCredential, names: readonly string[], commonName?: string): void {
  if (credential.names.length === 0) return;
  const valueOf = (name: string): string => name.slice(name.indexOf(":") + 1).toLowerCase();
  const granted =
    commonName === undefined || credential.names.some((name) => valueOf(name) === commonName.toLowerCase());
  const beyond = [
    ...names.filter((name) => !credential.names.includes(name)),
    ...(granted ? [] : [`the common name ${commonName}`]),
  ];
  if (beyond.length > 0)
    throw new Failure(
      "forbidden",
      `the enrolment credential is for ${credential.names.join(", ")} and not for ${beyond.join(", ")}`,
      { field: "csr" },
    );
}
