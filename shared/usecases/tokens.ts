/** API tokens: `trst_<routing>_<secret>`. The routing id only chooses the partition; the hash found there authenticates. */
import { sha256, sha256Hex } from "#shared/crypto/hash";
import { constantTimeEqual } from "#shared/crypto/equal";
import { newId, randomBytes } from "#shared/crypto/random";
import { anyPermission, covers, type RoleName, roles } from "#shared/contracts/permissions";
import type { Principal } from "#shared/contracts/principal";
import { decideMintToken, decideRevokeToken } from "#shared/domain/token/decide";
import type { Token } from "#shared/domain/token/token";
import { base64url, fromHex } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { base32Label } from "#shared/kernel/ids";
import { change } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";
import { existing } from "./load.ts";

export interface MintCommand {
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly expiresAt: string | undefined;
  /** The program that a person signed in with it, as it calls itself. */
  readonly client?: string;
}

export interface Minted {
  readonly id: string;
  /** Shown once; nobody can read it again. */
  readonly token: string;
}

/** @throws Failure `forbidden` for scopes beyond the caller's own */
export async function mintToken(deps: Deps, call: Call, command: MintCommand): Promise<Minted> {
  const { tenant, scopes: held } = call.principal;
  const now = deps.clock.now();
  const id = newId(now);
  const routing = base32Label(randomBytes(10));
  const secret = base64url(randomBytes(32));
  const decide = async () => {
    const member = await deps.log.load(tenant, "member", command.subject);
    return decideMintToken(
      {
        subject: command.subject,
        scopes: command.scopes,
        secret_sha256: sha256Hex(secret),
        expires_at: command.expiresAt ?? null,
        client: command.client,
        now: new Date(now).toISOString(),
        held,
      },
      member.state,
    );
  };
  await decide(); // refuse before anything is reserved
  await deps.directory.reserve("token", routing, { tenant, id });
  try {
    await change(deps, call, async () => ({ stream: await deps.log.load(tenant, "token", id), event: await decide() }));
  } catch (error) {
    await deps.directory.release("token", routing, tenant);
    throw error;
  }
  return { id, token: `trst_${routing}_${secret}` };
}

export async function revokeToken(deps: Deps, call: Call, id: string, reason: string | null): Promise<void> {
  await change(deps, call, async () => {
    const stream = await existing(deps, call.principal.tenant, "token", id);
    return { stream, event: decideRevokeToken(stream.state, reason) };
  });
}

const shape = /^trst_([a-z2-7]{16})_([A-Za-z0-9_-]{43})$/;

type TokenDeps = Pick<Deps, "directory" | "log" | "clock">;

/**
 * @returns who the token speaks for, or undefined: unknown, wrong, expired and revoked look the same from outside
 */
export const authenticateToken = async (deps: TokenDeps, text: string): Promise<Principal | undefined> =>
  (await findToken(deps, text))?.principal;

export interface FoundToken {
  readonly id: string;
  readonly token: Token;
  readonly principal: Principal;
}

/** A token that opens something, by its text. */
export async function findToken(deps: TokenDeps, text: string): Promise<FoundToken | undefined> {
  const [, routing, secret] = shape.exec(text) ?? [];
  if (routing === undefined || secret === undefined) return undefined;
  const entry = await deps.directory.resolve("token", routing);
  if (entry === undefined) return undefined;
  const { state: token } = await deps.log.load(entry.tenant, "token", entry.id);
  if (token === undefined || !constantTimeEqual(sha256(secret), fromHex(token.secret_sha256))) return undefined;
  if (token.revoked_at !== null || (token.expires_at !== null && Date.parse(token.expires_at) <= deps.clock.now()))
    return undefined;
  const principal = await principalOf(deps, entry.tenant, token);
  return principal === undefined ? undefined : { id: entry.id, token, principal };
}

/** Whoever holds a token may end it (RFC 7009); one that opens nothing is no error. */
export async function revokeOwnToken(deps: Deps, text: string, trace: string): Promise<void> {
  const found = await findToken(deps, text);
  if (found === undefined) return;
  const { id, principal } = found;
  const call: Call = { principal, operation: `revoke/${id}`, trace };
  await revokeToken(deps, call, id, "signed out").catch((error: unknown) => {
    if (!(error instanceof Failure && error.code === "conflict")) throw error; // by somebody else, just now
  });
}

/** A member's token holds at most what the member's roles grant at this moment; an offboarded member's, nothing. */
async function principalOf(deps: Pick<Deps, "log">, tenant: string, token: Token): Promise<Principal | undefined> {
  const { state: member } = await deps.log.load(tenant, "member", token.subject);
  if (member === undefined) return { tenant, subject: token.subject, roles: [], scopes: token.scopes };
  if (member.status === "offboarded" || (token.generation ?? 0) !== (member.generation ?? 0)) return undefined;
  if (member.tokens_from !== null && member.generation === undefined && token.created_at < member.tokens_from)
    return undefined;
  const granted: readonly string[] = (member.roles as readonly RoleName[]).flatMap(
    (role): readonly string[] => roles[role],
  );
  const scopes = token.scopes.includes(anyPermission)
    ? granted
    : token.scopes.filter((scope) => covers(granted, scope));
  return { tenant, subject: token.subject, roles: member.roles, scopes };
}

/** @throws Failure `forbidden` naming the permission that is missing */
export function assertPermitted(principal: Principal, permission: string): void {
  if (covers(principal.scopes, permission)) return;
  throw new Failure("forbidden", `this needs ${permission}, which your token does not hold`, {
    extensions: { missing: [permission] },
  });
}
