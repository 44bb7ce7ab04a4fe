/**
 * A person signs a program in that has no browser of its own (RFC 8628): the program shows a code, the person's browser
 * session says yes to it, the program gets an API token of that person. Until then nobody knows whose it will be, so what
 * waits stands in the product's own tenant; it is short-lived, and no event is written before somebody signed in said yes.
 * Every step puts a row that was not there before: of several that try at the same time one succeeds.
 */
import { covers } from "#shared/contracts/permissions";
import type { Principal } from "#shared/contracts/principal";
import { sha256Hex } from "#shared/crypto/hash";
import { randomBytes } from "#shared/crypto/random";
import { systemTenant } from "#shared/domain/tenant/tenant";
import { base64url } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { Deps } from "./deps.ts";
import { keptUnder, type SessionDeps } from "./session-store.ts";
import { type Minted, mintToken } from "./tokens.ts";
import { newUserCode, userCodeOf } from "./user-code.ts";

export type DeviceDeps = Deps & SessionDeps;

/** How long a code waits for its person, milliseconds. */
export const deviceCodeMs = 10 * 60_000;
/** What is remembered of it longer, so that a late program is told why. */
const rememberedMs = 2 * deviceCodeMs;
/** Seconds between two polls (RFC 8628 3.2), and what each one that comes too early adds (3.5). */
export const pollSeconds = 5;
/** The network may bring two polls closer together than they were sent. */
const earlyMs = 500;
/** Of wrong codes, for one person, within the life of a code (RFC 8628 5.1). */
const guessesAtOnce = 10;

export interface WantedSignIn {
  /** As the program calls itself; nobody has proven it. */
  readonly client: string;
  /** Address that it asked from. */
  readonly address: string;
  /** Undefined: whatever the person holds. */
  readonly scopes: readonly string[] | undefined;
  readonly lifetimeSeconds: number;
}

interface Waiting extends WantedSignIn {
  readonly device: string;
  readonly expiresAt: number;
}

interface Polled {
  readonly expiresAt: number;
  readonly interval: number;
  readonly at: number | undefined;
}

interface Decision {
  readonly approved: boolean;
  readonly principal: Principal;
  /** Id of the browser's session that said so. */
  readonly session: string;
  readonly wanted: WantedSignIn;
}

const named = {
  code: (userCode: string) => `device-user-code/${userCode}`,
  device: (device: string) => `device/${device}`,
  decision: (device: string) => `device-decision/${device}`,
  claim: (device: string) => `device-claim/${device}`,
};

export interface BegunSignIn {
  /** Shown to the program alone. */
  readonly deviceCode: string;
  readonly userCode: string;
}

export async function beginDeviceSignIn(
  { shortLived, clock }: SessionDeps,
  wanted: WantedSignIn,
): Promise<BegunSignIn> {
  const deviceCode = base64url(randomBytes(32));
  const device = sha256Hex(deviceCode);
  const expiresAt = clock.now() + deviceCodeMs;
  const waiting: Waiting = { ...wanted, device, expiresAt };
  let userCode = newUserCode();
  while (!(await shortLived.put(systemTenant, named.code(userCode), JSON.stringify(waiting), deviceCodeMs)))
    userCode = newUserCode();
  const polled: Polled = { expiresAt, interval: pollSeconds, at: undefined };
  await shortLived.put(systemTenant, named.device(device), JSON.stringify(polled), rememberedMs);
  return { deviceCode, userCode };
}

export interface AskedSignIn extends WantedSignIn {
  readonly userCode: string;
  /** What a yes would grant: never more than the person holds. */
  readonly granted: readonly string[];
  /** Asked for, and not the person's to give. */
  readonly refused: readonly string[];
  readonly expiresAt: number;
  readonly state: "pending" | "approved" | "denied";
}

/** What a person is asked to say yes to. @throws Failure `not_found`, `rate_limited` after ten wrong codes */
export async function askedSignIn(deps: DeviceDeps, principal: Principal, typed: string): Promise<AskedSignIn> {
  const { code, waiting } = await waitingUnder(deps, principal, typed);
  const decision = await decisionOn(deps, waiting.device);
  if (decision !== undefined && !isOf(decision, principal)) throw unknownCode();
  return shown(code, waiting, principal, decision);
}

interface Said {
  readonly userCode: string;
  readonly approve: boolean;
  /** Id of the browser's session that says so: a yes counts while it lives. */
  readonly session: string;
}

/**
 * Says yes or no, once; the same again by the same person is the same answer.
 * @throws Failure `not_found`, `rate_limited`, `conflict` when it was decided otherwise, `forbidden` when a yes would grant nothing
 */
export async function decideSignIn(
  deps: DeviceDeps,
  principal: Principal,
  { userCode: typed, approve, session }: Said,
): Promise<AskedSignIn> {
  const { code, waiting } = await waitingUnder(deps, principal, typed);
  const { device, expiresAt: _, ...wanted } = waiting;
  const { granted, refused } = grantOf(wanted, principal);
  if (approve && granted.length === 0)
    throw new Failure("forbidden", "you hold nothing of what this program asks for, so there is nothing to approve", {
      extensions: { missing: refused },
    });
  const decision: Decision = { approved: approve, principal: { ...principal, scopes: granted }, session, wanted };
  const first = await deps.shortLived.put(systemTenant, named.decision(device), JSON.stringify(decision), rememberedMs);
  if (!first) {
    const before = await decisionOn(deps, device);
    if (before === undefined || !isOf(before, principal)) throw unknownCode();
    if (before.approved !== approve)
      throw new Failure(
        "conflict",
        before.approved
          ? "you approved this already; revoke its token on the Access page if you did not mean to"
          : "you denied this already; run trstctl login again to be asked again",
      );
  }
  return shown(code, waiting, principal, decision);
}

export type Redeemed =
  | { readonly state: "pending" | "too_early" | "denied" | "expired" | "unknown" | "shown_already" }
  | ({ readonly state: "granted"; readonly expiresAt: number } & Minted &
      Pick<Principal, "tenant" | "subject" | "scopes">);

/** What a program that polls is told; the token is made now, and shown to it alone, once. */
export async function redeemDeviceCode(deps: DeviceDeps, deviceCode: string, trace: string): Promise<Redeemed> {
  const { shortLived, clock } = deps;
  const device = sha256Hex(deviceCode);
  const body = await shortLived.get(systemTenant, named.device(device));
  if (body === undefined) return { state: "unknown" };
  const polled = JSON.parse(body) as Polled;
  const decision = await decisionOn(deps, device);
  if (decision === undefined) return waits(deps, device, body);
  if (!decision.approved) return { state: "denied" };
  if (polled.expiresAt <= clock.now()) return { state: "expired" };
  // Who ends a session that a stranger used ends what the stranger said by it as well, up to the token.
  const { principal, session } = decision;
  if ((await shortLived.get(principal.tenant, keptUnder(session))) === undefined) return { state: "denied" };
  if (!(await shortLived.put(systemTenant, named.claim(device), "-", rememberedMs))) return { state: "shown_already" };
  try {
    return await granted(deps, device, decision, trace);
  } catch (error) {
    // Offboarded since, which is for good; whatever else fails may be asked for again.
    if (error instanceof Failure && error.code === "unprocessable") return { state: "denied" };
    await shortLived.take(systemTenant, named.claim(device));
    throw error;
  }
}

async function granted(deps: DeviceDeps, device: string, { principal, wanted }: Decision, trace: string) {
  const { tenant, subject, scopes } = principal;
  const expiresAt = deps.clock.now() + wanted.lifetimeSeconds * 1000;
  const minted = await mintToken(
    deps,
    { principal, operation: named.device(device), trace },
    { subject, scopes, expiresAt: new Date(expiresAt).toISOString(), client: wanted.client },
  );
  return { state: "granted", ...minted, tenant, subject, scopes, expiresAt } as const;
}

async function waits({ shortLived, clock }: DeviceDeps, device: string, body: string): Promise<Redeemed> {
  const polled = JSON.parse(body) as Polled;
  const now = clock.now();
  const left = polled.expiresAt - now;
  if (left <= 0) return { state: "expired" };
  const early = polled.at !== undefined && now - polled.at < polled.interval * 1000 - earlyMs;
  const interval = early ? polled.interval + pollSeconds : polled.interval;
  const next: Polled = { ...polled, interval, at: now };
  const change = { from: body, to: JSON.stringify(next) };
  // Another poll came in between: two at once are too many.
  const alone = await shortLived.replace(systemTenant, named.device(device), change, left + deviceCodeMs);
  return { state: early || !alone ? "too_early" : "pending" };
}

async function decisionOn({ shortLived }: DeviceDeps, device: string): Promise<Decision | undefined> {
  const body = await shortLived.get(systemTenant, named.decision(device));
  return body === undefined ? undefined : (JSON.parse(body) as Decision);
}

/** Another's decision is nobody's business. */
const isOf = ({ principal }: Decision, { tenant, subject }: Principal): boolean =>
  principal.tenant === tenant && principal.subject === subject;

const unknownCode = (): Failure =>
  new Failure(
    "not_found",
    "nothing waits under this code: it was mistyped, used already, or is older than ten minutes. Run trstctl login again for a new one",
    { field: "user_code" },
  );

/** A guess takes one of ten places, and a hit gives it back. */
async function waitingUnder({ shortLived }: DeviceDeps, principal: Principal, typed: string) {
  const { tenant, subject } = principal;
  let place: string | undefined;
  for (let at = 0; at < guessesAtOnce && place === undefined; at++) {
    const free = `device-guess/${sha256Hex(subject)}/${at}`;
    if (await shortLived.put(tenant, free, "-", deviceCodeMs)) place = free;
  }
  if (place === undefined)
    throw new Failure("rate_limited", `${guessesAtOnce} codes that there are not: look at the terminal again, later`, {
      retryAfter: deviceCodeMs / 1000,
    });
  const code = userCodeOf(typed);
  const body = code === undefined ? undefined : await shortLived.get(systemTenant, named.code(code));
  if (code === undefined || body === undefined) throw unknownCode();
  await shortLived.take(tenant, place);
  return { code, waiting: JSON.parse(body) as Waiting };
}

function grantOf({ scopes }: WantedSignIn, { scopes: held }: Principal) {
  const wanted = [...new Set(scopes ?? held)];
  return {
    granted: wanted.filter((scope) => covers(held, scope)),
    refused: wanted.filter((scope) => !covers(held, scope)),
  };
}

function shown(
  userCode: string,
  { device: _, ...waiting }: Waiting,
  principal: Principal,
  decision: Decision | undefined,
): AskedSignIn {
  const state = decision === undefined ? "pending" : decision.approved ? "approved" : "denied";
  return { ...waiting, userCode, ...grantOf(waiting, principal), state };
}
