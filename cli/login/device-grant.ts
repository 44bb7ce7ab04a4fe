/** The program's side of the device authorization grant (RFC 8628). */
import type * as z from "zod";
import {
  deviceAuthorization,
  deviceClientId,
  deviceGrantType,
  devicePaths,
  deviceToken,
  oauthError,
} from "#shared/contracts/device-grant";
import { Failure, isFailure } from "#shared/kernel/failure";
import { failureOfAnswer, readObject } from "../failures.ts";
import { whileWorking } from "../progress.ts";
import type { Terminal } from "../terminal.ts";
import type { Transport, WireAnswer } from "../transport.ts";

export type Authorization = z.output<typeof deviceAuthorization>;
export type GrantedToken = z.output<typeof deviceToken>;

export interface Wanted {
  readonly clientName: string;
  readonly scopes: readonly string[] | undefined;
  /** Seconds; undefined: as the host has it. */
  readonly lifetime: number | undefined;
}

const post = (transport: Transport, path: string, fields: Readonly<Record<string, string>>): Promise<WireAnswer> =>
  transport({
    method: "POST",
    path,
    headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ client_id: deviceClientId, ...fields }).toString(),
  });

/** @throws Failure what the host said */
export async function askForCode(
  transport: Transport,
  { clientName, scopes, lifetime }: Wanted,
): Promise<Authorization> {
  const answer = await post(transport, devicePaths.authorization, {
    client_name: clientName,
    ...(scopes !== undefined && { scope: scopes.join(" ") }),
    ...(lifetime !== undefined && { token_lifetime: String(lifetime) }),
  });
  if (answer.status !== 200) throw refusalOf(answer);
  return understood(deviceAuthorization, answer);
}

/** Seconds that a host which asks for patience gets beside (RFC 8628 3.5). */
const slowDown = 5;

/** Asks until there is an answer that ends it. @throws Failure `forbidden` when the person said no, `unauthenticated` when nobody did */
export async function waitForToken(
  transport: Transport,
  { device_code, interval: first, expires_in }: Authorization,
  terminal: Terminal,
): Promise<GrantedToken> {
  const began = terminal.now();
  const deadline = began + expires_in * 1000;
  let interval = first;
  while (terminal.now() < deadline) {
    const pause = interval * 1000;
    await whileWorking(terminal, "waiting for the browser", () => terminal.sleep(pause), began);
    const answer = await post(transport, devicePaths.token, { grant_type: deviceGrantType, device_code }).catch(
      (error: unknown) => {
        // RFC 8628 3.5: a connection that times out is no answer either; the code is still good.
        if (isFailure(error, "unavailable")) return undefined;
        throw error;
      },
    );
    if (answer?.status === 200) return understood(deviceToken, answer);
    const code = answer === undefined ? "slow_down" : errorOf(answer)?.error;
    if (code === "slow_down" || answer?.status === 429 || answer?.status === 503)
      interval = Math.max(interval + slowDown, Number(answer?.headers["retry-after"] ?? 0) || 0);
    else if (code === "access_denied")
      throw new Failure("forbidden", "the sign-in was denied in the browser, or whoever approved it may not sign in");
    else if (code === "expired_token") break;
    else if (code !== "authorization_pending" && answer !== undefined) throw refusalOf(answer);
  }
  throw new Failure("unauthenticated", "nobody approved the sign-in in time: run trstctl login again");
}

/** RFC 7009. @throws Failure when the host cannot be asked, or does not do it */
export async function revoke(transport: Transport, token: string): Promise<void> {
  const answer = await post(transport, devicePaths.revocation, { token });
  if (answer.status !== 200) throw refusalOf(answer);
}

const errorOf = ({ body }: WireAnswer): z.output<typeof oauthError> | undefined =>
  oauthError.safeParse(readObject(body)).data;

function refusalOf(answer: WireAnswer): Failure {
  const said = errorOf(answer);
  if (answer.status === 404 || answer.status === 405)
    return new Failure(
      "misconfigured",
      "this host knows no trstctl login: is the url right, and the host as new as this CLI?",
    );
  if (said === undefined) return failureOfAnswer(answer);
  const body = JSON.stringify({ detail: said.error_description ?? said.error });
  return failureOfAnswer({ ...answer, body });
}

function understood<S extends z.ZodType>(schema: S, { body }: WireAnswer): z.output<S> {
  const parsed = schema.safeParse(readObject(body));
  if (parsed.success) return parsed.data;
  throw new Failure(
    "malformed",
    "the host answered what this CLI does not understand: use the CLI of the same version",
  );
}
