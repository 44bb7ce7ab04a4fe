import { Failure } from "#shared/kernel/failure";
import type { AcmeAccount, AcmeAccountEvent, AcmeAccountKey } from "./acme-account.ts";

/** @throws Failure `forbidden`: a deactivated account does nothing any more (RFC 8555 7.3.6) */
export function assertAcmeAccountValid(account: AcmeAccount): void {
  if (account.status !== "valid")
    throw new Failure("forbidden", "the account was deactivated; register another with a new key");
}

/** @returns undefined when nothing changes */
export function decideUpdateAcmeAccount(
  account: AcmeAccount,
  command: { readonly contact: readonly string[] },
): AcmeAccountEvent | undefined {
  assertAcmeAccountValid(account);
  const { contact } = command;
  const same = contact.length === account.contact.length && contact.every((uri, at) => uri === account.contact[at]);
  return same ? undefined : { type: "acme-account.updated", data: { contact } };
}

export function decideDeactivateAcmeAccount(account: AcmeAccount): AcmeAccountEvent {
  assertAcmeAccountValid(account);
  return { type: "acme-account.deactivated", data: {} };
}

/**
 * @param taken of the new key, if there was ever an account with it
 * @throws Failure `conflict` when an account has the new key, this one included (RFC 8555 7.3.5)
 */
export function decideChangeAcmeAccountKey(
  account: AcmeAccount,
  key: Pick<AcmeAccount, "jwk" | "thumbprint">,
  taken: AcmeAccountKey | undefined,
): AcmeAccountEvent {
  assertAcmeAccountValid(account);
  const { jwk, thumbprint } = key;
  if (taken !== undefined && taken.account !== null)
    throw new Failure("conflict", "an account has this key already; make a new one");
  const { endpoint, thumbprint: before } = account;
  return { type: "acme-account.key-changed", data: { endpoint, jwk, thumbprint, before } };
}
