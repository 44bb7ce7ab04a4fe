import { covers } from "#shared/contracts/permissions";
import { Failure } from "#shared/kernel/failure";
import type { Member } from "../member/member.ts";
import type { Token, TokenEvent } from "./token.ts";

export interface MintToken {
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly secret_sha256: string;
  readonly expires_at: string | null;
  readonly client?: string | undefined;
  readonly now: string;
  /** What the caller holds; a token never holds more. */
  readonly held: readonly string[];
}

/** @throws Failure `forbidden` for scopes beyond the minter's own, `invalid_field` or `unprocessable` for the rest. */
export function decideMintToken(command: MintToken, member: Member | undefined): TokenEvent {
  const beyond = command.scopes.filter((scope) => !covers(command.held, scope));
  if (beyond.length > 0) {
    throw new Failure("forbidden", `a token cannot hold more than its minter: you do not hold ${beyond.join(", ")}`, {
      field: "scopes",
      extensions: { missing: beyond },
    });
  }
  if (command.expires_at !== null && Date.parse(command.expires_at) <= Date.parse(command.now))
    throw new Failure("invalid_field", "expires_at lies in the past", { field: "expires_at" });
  if (member?.status === "offboarded")
    throw new Failure("unprocessable", `${command.subject} was offboarded; add the member again first`, {
      field: "subject",
    });
  const { subject, scopes, secret_sha256, expires_at } = command;
  const generation = member?.generation === undefined ? {} : { generation: member.generation };
  return {
    type: "token.created",
    data: {
      subject,
      scopes: [...new Set(scopes)],
      secret_sha256,
      expires_at,
      ...generation,
      ...(command.client !== undefined && { client: command.client }),
    },
  };
}

/** @throws Failure `conflict` when it is revoked already. */
export function decideRevokeToken(token: Token, reason: string | null): TokenEvent {
  if (token.revoked_at !== null)
    throw new Failure("conflict", `the token was revoked at ${token.revoked_at}`, { field: "id" });
  return { type: "token.revoked", data: { reason } };
}
