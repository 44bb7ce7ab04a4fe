/** One run: the estate and its two tenants, registered and with a first issuer each. */
import type { Table } from "#shared/ports/table";
import { profileSpec } from "#shared/contracts/api/profiles";
import { systemCall } from "#shared/usecases/deps";
import { createProfileVersion } from "#shared/usecases/profiles";
import { registerTenant } from "#shared/usecases/register-tenant";
import type { TestClock } from "#test/log/local-log";
import { type Appended, tailOf } from "../tail.ts";
import { Estate, type EstateOptions, type HttpRequest } from "./estate.ts";
import { type Spec, TenantSpec } from "./spec.ts";

export const sides = ["a", "b"] as const;
export type Side = (typeof sides)[number];

/** A request that was answered with success, and what it showed. */
export interface Done {
  readonly asked: HttpRequest;
  readonly key: string;
  readonly status: number;
  /** Undefined where the answer has no body. */
  readonly shown: string | undefined;
  readonly at: number;
}

const day = 86_400;
let runs = 0;

export class World {
  readonly estate: Estate;
  readonly clock: TestClock;
  readonly store: EstateOptions["store"];
  readonly lanes: number;
  readonly done: Readonly<Record<Side, Done[]>> = { a: [], b: [] };
  readonly #run = ++runs;
  readonly #tails: Readonly<Record<Side, (table: Table) => Promise<Appended[]>>>;
  #keys = 0;

  constructor(options: EstateOptions) {
    this.estate = new Estate(options);
    this.clock = options.clock;
    this.store = options.store;
    this.lanes = options.lanes;
    this.#tails = { a: tailOf(this.tenant("a"), options.lanes), b: tailOf(this.tenant("b"), options.lanes) };
  }

  tenant(side: Side): string {
    return `life${this.#run}${side}`;
  }

  /** Past every host. */
  table(side: Side): Table {
    return this.store.open(this.clock, false).tenant(this.tenant(side));
  }

  news(side: Side): Promise<Appended[]> {
    return this.#tails[side](this.table(side));
  }

  freshKey(): string {
    return `key-${String(++this.#keys).padStart(6, "0")}`;
  }
}

export async function found(world: World): Promise<Spec> {
  const tenants = { a: new TenantSpec(), b: new TenantSpec() };
  for (const side of sides) {
    const tenant = world.tenant(side);
    await registerTenant(world.estate.deps, { tenant, name: tenant, revocationBaseUrl: "http://127.0.0.1:8080" });
    // Certificates of a day: many expire within a run.
    const { state } = await world.estate.deps.log.load(tenant, "profile", "default");
    const spec = profileSpec.parse({ ...state?.spec, default_validity_seconds: day });
    await createProfileVersion(world.estate.deps, systemCall(tenant, "test", "profile"), "default", spec);
    await world.estate.wake(tenant);
    for (const { type, stream, data } of await world.news(side))
      if (type === "issuer.created" && data["role"] === "issuing") tenants[side].issuers.set(stream.id, "active");
  }
  return { tenants, now: world.clock.now(), latest: world.clock.now(), signer: "up" };
}
