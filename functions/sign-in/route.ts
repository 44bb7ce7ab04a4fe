import type { Answer } from "#shared/http/answer";
import type { BoundDeps, Peer } from "../function.ts";

export interface Exchange {
  readonly deps: BoundDeps;
  readonly request: Request;
  readonly url: URL;
  readonly peer: Peer;
  /** The provider that the path names; empty where it names none. */
  readonly provider: string;
}

export interface Route {
  run(exchange: Exchange): Answer | Promise<Answer>;
  /** May wait for a provider. */
  readonly asksProvider?: boolean;
  /** A person stands before it: what is refused is said in a page. */
  readonly page?: boolean;
}
