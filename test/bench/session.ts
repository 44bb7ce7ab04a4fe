/** What figures share within one run: the yardstick, one host under load, and what was measured on it. */
import { type IssueWindow, measureIssuing } from "./issuing.ts";
import { type Generator, startGenerator } from "./load/generator.ts";
import { type RunningHost, startHost } from "./host.ts";
import { inventoryPlace } from "./population/inventory-place.ts";
import { populatedPlace } from "./population/place.ts";

export interface Session {
  /** Short samples: for a smoke test of the bench itself. */
  readonly quick: boolean;
  /** Signatures a second in one thread of Node, of this run; set by the figure that runs first. */
  yardstick: number | undefined;
  /** How many certificates the populated host has. */
  readonly certificates: number;
  /** One host for everything that needs load, started when first asked for. */
  host(): Promise<RunningHost>;
  /** The data directory of a host with `certificates`; nothing runs in it until `populatedHost` is asked for. */
  population(): Promise<string>;
  populatedHost(): Promise<RunningHost>;
  /** A host with `certificates` of several issuers, profiles and states; what it holds is kept for the next run. */
  inventoryHost(): Promise<RunningHost>;
  generator(): Promise<Generator>;
  /** Measured once, read by more than one figure. */
  issuing(): Promise<readonly IssueWindow[]>;
  close(): Promise<void>;
}

export function openSession(quick: boolean, certificates: number): Session {
  let population: Promise<string> | undefined;
  let populated: Promise<RunningHost> | undefined;
  let inventory: Promise<RunningHost> | undefined;
  let host: Promise<RunningHost> | undefined;
  let generator: Promise<Generator> | undefined;
  let issuing: Promise<readonly IssueWindow[]> | undefined;
  const session: Session = {
    quick,
    yardstick: undefined,
    certificates,
    host: () => (host ??= startHost()),
    population: () => (population ??= populatedPlace(certificates)),
    populatedHost: () => (populated ??= session.population().then((place) => startHost(place))),
    inventoryHost: () => (inventory ??= inventoryPlace(certificates).then((place) => startHost(place))),
    generator: () => (generator ??= startGenerator()),
    issuing: () => (issuing ??= measureIssuing(session)),
    async close() {
      await (await generator?.catch(() => undefined))?.stop();
      await (await host?.catch(() => undefined))?.remove();
      await (await populated?.catch(() => undefined))?.remove();
      await (await inventory?.catch(() => undefined))?.stop();
    },
  };
  return session;
}
