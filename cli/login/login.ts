/** `trstctl login` and `trstctl logout`: a token of one's own for a server, by the browser, and its end. */
import { hostname } from "node:os";
import { scope } from "#shared/contracts/api/access";
import { deviceTokenLifetime } from "#shared/contracts/device-grant";
import type { Environment } from "#shared/kernel/config";
import { Failure } from "#shared/kernel/failure";
import { parseUrl } from "../connection.ts";
import { durationSeconds } from "../duration.ts";
import { refuseProblems, UsageError } from "../failures.ts";
import { detail, plain, type Row } from "../output.ts";
import { setting } from "../places.ts";
import { readProfile, writeProfile, type Profile } from "../profiles/profile-file.ts";
import {
  chosenProfile,
  hostProfileName,
  keepCurrent,
  profileNames,
  profilePathOf,
  readChosen,
} from "../profiles/profiles.ts";
import type { Terminal } from "../terminal.ts";
import { httpsTransport } from "../transport.ts";
import { viewOf } from "../view.ts";
import { askForCode, revoke, waitForToken, type Authorization } from "./device-grant.ts";
import { openBrowser } from "./open-browser.ts";
import { rootToPin } from "./server-trust.ts";

interface Place {
  readonly name: string;
  readonly path: string;
  readonly url: URL;
  /** As it is kept; undefined: it is new. */
  readonly before: Profile | undefined;
  /** What vouches for a new one already: the profile that the host wrote for this user. */
  readonly known: Profile | undefined;
}

/** @param given URL of the command line @throws Failure, UsageError */
export async function login(given: string | undefined, options: Row, terminal: Terminal): Promise<void> {
  const { environment } = terminal;
  const wanted = wantedBy(options);
  const view = await viewOf(options, { done: true });
  const place = await placeOf(given, text(options["profile"]), environment);
  const { name, path, url } = place;
  const ca = await pinOf(place, options, terminal);
  const pinned: Profile = { url: url.href.replace(/\/$/, ""), ...(ca !== undefined && { ca }) };
  // Before anybody is asked: a token that cannot be kept would be lost, and the pin counts from now on.
  await writeProfile(path, { ...place.before, ...pinned });
  const transport = httpsTransport(url, ca);
  const authorization = await askForCode(transport, wanted);
  await show(authorization, options, terminal);
  const token = await waitForToken(transport, authorization, terminal);
  const { tenant, subject, token_id } = token;
  const expires_at = new Date(terminal.now() + token.expires_in * 1000).toISOString();
  await writeProfile(path, { ...pinned, token: token.access_token, token_id, tenant, subject, expires_at });
  await keepCurrent(environment, name);
  if (place.before?.token !== undefined) await revoke(transport, place.before.token).catch(() => undefined);
  const scopes = token.scope.split(" ");
  const signedIn = { profile: name, url: pinned.url, tenant, subject, scopes, expires_at };
  terminal.out(view.text(signedIn) ?? detail(signedIn));
  const missing = wanted.scopes?.filter((wish) => !scopes.includes(wish) && !scopes.includes("*")) ?? [];
  if (missing.length > 0) terminal.note(`not granted, since whoever approved does not hold it: ${missing.join(", ")}`);
  if (chosenProfile(environment).name !== name)
    terminal.note(
      `${chosenProfile(environment).because} chooses another profile; this one: trstctl --profile ${name} …`,
    );
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** @throws UsageError naming every problem */
function wantedBy({ scopes, expiresIn }: Row) {
  const problems: string[] = [];
  for (const word of (scopes ?? []) as readonly string[])
    if (!scope.safeParse(word).success)
      problems.push(`--scopes: ${JSON.stringify(word)} is none of ${scope.options.join(", ")}`);
  const lifetime = typeof expiresIn === "string" ? durationSeconds(expiresIn) : undefined;
  const { longest } = deviceTokenLifetime;
  if (expiresIn !== undefined && (lifetime === undefined || lifetime < 60 || lifetime > longest))
    problems.push(`--expires-in: expected 1m to ${longest / 86_400}d, e.g. 8h, got ${JSON.stringify(expiresIn)}`);
  refuseProblems(problems);
  return {
    clientName: `trstctl on ${hostname()}`.slice(0, 100),
    scopes: scopes as readonly string[] | undefined,
    lifetime,
  };
}

async function placeOf(given: string | undefined, asked: string | undefined, environment: Environment): Promise<Place> {
  if (asked === hostProfileName)
    throw new UsageError(`--profile: ${hostProfileName} is the one that this clone's host writes; choose another name`);
  const url = given === undefined ? undefined : parseUrl(given.includes("://") ? given : `https://${given}`, "<url>");
  const chosen = asked === undefined ? chosenProfile(environment) : undefined;
  if (url === undefined && chosen?.name === hostProfileName) {
    const known = await readChosen(chosen);
    return newPlace(parseUrl(known.url, "the profile's url"), undefined, known, environment);
  }
  if (url !== undefined && asked === undefined) return newPlace(url, undefined, undefined, environment);
  const name = asked ?? chosen?.name ?? hostProfileName;
  const path = asked === undefined ? (chosen?.path ?? "") : profilePathOf(environment, name, "--profile");
  if (url !== undefined) return newPlace(url, name, undefined, environment);
  const before = await readProfile(
    path,
    `there is no profile ${name} yet: say which server it is for, trstctl login <url> --profile ${name}`,
  );
  return { name, path, url: parseUrl(before.url, "the profile's url"), before, known: undefined };
}

/** @throws Failure `misconfigured` when the name is another server's */
async function newPlace(
  url: URL,
  asked: string | undefined,
  known: Profile | undefined,
  environment: Environment,
): Promise<Place> {
  const name = asked ?? `${url.hostname.replace(/[^a-z0-9.-]/gi, "")}${url.port === "" ? "" : `-${url.port}`}`;
  const path = profilePathOf(environment, name, "--profile");
  const before = profileNames(environment).includes(name) ? await readProfile(path, "") : undefined;
  if (before !== undefined && parseUrl(before.url, "the profile's url").href !== url.href)
    throw new Failure(
      "misconfigured",
      `profile ${name} is for ${before.url}, and ${url.origin} is another server. Choose another name with --profile, or forget the old one first: trstctl profile remove ${name}`,
    );
  return { name, path, url, before, known };
}

/** A root that is pinned stays, unless the command line gives another. */
async function pinOf({ url, before, known }: Place, options: Row, terminal: Terminal): Promise<string | undefined> {
  const trust = { caFile: text(options["caFile"]), caFingerprint: text(options["caFingerprint"]) };
  const asked = trust.caFile !== undefined || trust.caFingerprint !== undefined;
  if (!asked && (before ?? known) !== undefined) return (before ?? known)?.ca;
  const caFile =
    trust.caFile ?? (trust.caFingerprint === undefined ? setting(terminal.environment, "TRSTCTL_CA_FILE") : undefined);
  return rootToPin(url, { ...trust, caFile }, terminal);
}

async function show(authorization: Authorization, options: Row, terminal: Terminal): Promise<void> {
  const { user_code, verification_uri, verification_uri_complete, expires_in } = authorization;
  const opened =
    options["browser"] !== false &&
    terminal.interactive &&
    (await openBrowser(verification_uri_complete, terminal.environment));
  terminal.note(
    opened
      ? `Your browser opens ${plain(verification_uri_complete)}\nApprove there only if it shows this code: ${plain(user_code)}`
      : `Open ${plain(verification_uri)} in a browser, sign in, and give this code: ${plain(user_code)}\n(with the code filled in: ${plain(verification_uri_complete)})`,
  );
  terminal.note(`Waiting for up to ${Math.round(expires_in / 60)} minutes; Ctrl-C gives up.`);
}

/** @throws Failure when the token could not be revoked; it is then kept, unless it is to be forgotten anyway */
export async function logout(options: Row, terminal: Terminal): Promise<void> {
  const { environment } = terminal;
  const asked = text(options["profile"]);
  const chosen =
    asked === undefined
      ? chosenProfile(environment)
      : { name: asked, path: profilePathOf(environment, asked, "--profile"), because: "--profile" };
  if (chosen.name === hostProfileName)
    throw new UsageError(
      "the credential of this clone's host is the host's to write, and there is nothing to sign out of; --profile <name> says which sign-in to end",
    );
  const { token, token_id: _, tenant: __, subject: ___, expires_at, ...rest } = await readChosen(chosen);
  if (token === undefined) return terminal.note(`${chosen.name}: signed out already`);
  try {
    await revoke(httpsTransport(parseUrl(rest.url, "the profile's url"), rest.ca), token);
  } catch (error) {
    if (options["forget"] !== true)
      throw new Failure(
        "unavailable",
        `the token could not be revoked, so it is kept: ${(error as Error).message}\n  --forget forgets it here all the same; it would go on opening things until ${expires_at ?? "it is revoked"}`,
        { cause: error },
      );
    terminal.note(`not revoked: ${(error as Error).message}. It opens things until ${expires_at ?? "it is revoked"}`);
  }
  await writeProfile(chosen.path, rest);
  terminal.note(`signed out of ${rest.url}`);
}
