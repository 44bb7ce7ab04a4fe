import type { Answer } from "#shared/http/answer";
import type { BoundDeps, Peer } from "../function.ts";
import type { SignInStep } from "./counted.ts";
import type { DeviceLimits } from "./device-limits.ts";

export interface Exchange {
  readonly deps: BoundDeps;
  readonly request: Request;
  readonly url: URL;
  readonly peer: Peer;
  /** The provider that the path names; empty where it names none. */
  readonly provider: string;
  readonly limits: DeviceLimits;
  /** Id of the request, as the log has it. */
  readonly trace: string;
}

export interface Route {
  run(exchange: Exchange): Answer | Promise<Answer>;
  /** As what it is counted, where somebody signs in by it. */
  readonly counted?: SignInStep;
  /** May wait for a provider. */
  readonly asksProvider?: boolean;
  /** A person stands before it: what is refused is said in a page. */
  readonly page?: boolean;
  /** A program asks by OAuth: what is refused is said in OAuth's form. */
  readonly oauth?: boolean;
}
