/** `trstctl doctor`: what stands between this CLI and its host, one check after the other, each with the way out. */
import { status, statusOperations } from "#shared/contracts/api/status";
import { devicePaths, tokenSelf } from "#shared/contracts/device-grant";
import { Failure } from "#shared/kernel/failure";
import { connectionFrom, type Connection } from "./connection.ts";
import { failureOfAnswer, nextSteps, readObject } from "./failures.ts";
import { table, type Row } from "./output.ts";
import { hostProfileName } from "./profiles/profiles.ts";
import type { Terminal } from "./terminal.ts";
import type { WireAnswer } from "./transport.ts";
import { viewOf } from "./view.ts";

interface Check {
  readonly check: string;
  readonly state: "ok" | "failing";
  readonly finding: string;
  /** What to do. */
  readonly next?: string;
}

/** Seconds. Tokens and certificates are judged by the minute; a request takes less. */
const largestSkew = 60;

const ok = (check: string, finding: string): Check => ({ check, state: "ok", finding });
const failing = (check: string, finding: string, next?: string): Check => ({
  check,
  state: "failing",
  finding,
  ...(next === undefined ? {} : { next }),
});

/** A failure of before the answer says the way out itself. @throws whatever is no Failure */
function refused(check: string, error: unknown): Check {
  if (error instanceof Failure) return failing(check, error.message);
  throw error;
}

async function examine(terminal: Terminal): Promise<readonly Check[]> {
  let connection: Connection;
  try {
    connection = await connectionFrom(terminal.environment);
  } catch (error) {
    return [refused("profile", error)];
  }
  const { ca, profile, token, url } = connection;
  const known = [
    ok(
      "profile",
      `${profile === undefined ? "TRSTCTL_URL" : `${profile.name} (by ${profile.because})`}: ${url.origin}`,
    ),
    ok("pin", await pinned(ca)),
  ];
  const { httpsTransport } = await import("./transport.ts");
  const transport = httpsTransport(url, ca);
  const headers = { accept: "application/json", authorization: `Bearer ${token}` };
  const { method, path } = statusOperations.get;
  try {
    const answer = await transport({ method, path: `/api/v1${path}`, headers });
    const self = await transport({ method: "GET", path: devicePaths.self, headers });
    return [
      ...known,
      ok("host", "reached, its certificate is trusted"),
      ...clock(answer, terminal.now()),
      tokenUntil(self, terminal.now(), profile),
      ...inside(answer),
    ];
  } catch (error) {
    return [...known, refused("host", error)];
  }
}

async function pinned(ca: string | undefined): Promise<string> {
  if (ca === undefined) return "none: any public CA may vouch for it";
  const { fingerprintOfPem } = await import("./login/server-trust.ts");
  try {
    return `one root, SHA-256 ${fingerprintOfPem(ca)}`;
  } catch {
    return "roots that cannot be read";
  }
}

const soonMs = 30 * 60_000;

function tokenUntil(answer: WireAnswer, now: number, profile: Connection["profile"]): Check {
  const again = `trstctl login${profile === undefined || profile.name === hostProfileName ? "" : ` --profile ${profile.name}`}`;
  if (answer.status === 401) {
    const failure = failureOfAnswer(answer);
    return failing("token", failure.message, `${again}; without a browser, on the host: trstctl token create`);
  }
  const parsed = tokenSelf.safeParse(readObject(answer.body));
  if (answer.status !== 200 || !parsed.success)
    return failing(
      "token",
      "the host does not say until when it is valid",
      "use the CLI of the same version as the host",
    );
  const { subject, tenant, expires_at } = parsed.data;
  const whose = `speaks for ${subject} in ${tenant}`;
  if (expires_at === null) return ok("token", `${whose}, until it is revoked`);
  const soon = Date.parse(expires_at) - now < soonMs;
  return { ...ok("token", `${whose}, until ${expires_at}`), ...(soon && { next: `it ends soon: ${again}` }) };
}

/** By the answer's Date (RFC 9110 6.6.1), which counts whole seconds. */
function clock({ headers }: WireAnswer, now: number): readonly Check[] {
  const theirs = Date.parse(headers.date ?? "");
  if (Number.isNaN(theirs)) return [];
  const skew = Math.round((now - theirs) / 1000);
  const finding = `this machine is ${Math.abs(skew)} s ${skew < 0 ? "behind" : "ahead of"} the host`;
  return Math.abs(skew) <= largestSkew
    ? [ok("clock", finding)]
    : [failing("clock", finding, "set both by NTP: tokens and certificates are valid by the clock")];
}

function inside(answer: WireAnswer): readonly Check[] {
  if (answer.status === 401) return []; // the token: said already
  if (answer.status !== 200) {
    const failure = failureOfAnswer(answer);
    return [failing("status", failure.message, nextSteps[failure.code])];
  }
  const parsed = status.safeParse(readObject(answer.body));
  if (!parsed.success)
    return [failing("host", "its answer is not what this CLI knows", "use the CLI of the same version as the host")];
  const { parts, revocation, outbox } = parsed.data;
  return [
    ...Object.entries(parts).map(([name, state]) =>
      state === "ok" ? ok(name, "works") : failing(name, "fails", "the host's log says why, under this name"),
    ),
    ...revocation.overdue.map(({ issuer_id, what }) =>
      failing("revocation", `${what} of issuer ${issuer_id} is overdue`, "the host's log names it and what keeps it"),
    ),
    ...(outbox.dead > 0
      ? [
          failing(
            "outbox",
            `${outbox.dead} dead effects`,
            "trstctl outbox list --status dead, then trstctl outbox redrive",
          ),
        ]
      : []),
  ];
}

/** @throws Failure when a check fails, after all of them were shown */
export async function doctor(options: Row, terminal: Terminal): Promise<void> {
  const view = await viewOf(options);
  const checks = await examine(terminal);
  const broken = checks.filter(({ state }) => state === "failing");
  const rows = checks.map((check) => ({ ...check }));
  terminal.out(
    view.text({ healthy: broken.length === 0, checks }) ?? table(rows, ["check", "state", "finding", "next"]),
  );
  if (broken.length > 0)
    throw new Failure("unavailable", `${broken.map(({ check }) => check).join(", ")}: failing, see above`);
}
