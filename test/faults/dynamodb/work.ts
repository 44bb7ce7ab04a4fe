/** What one process does: commands by key as an API would take them, and what wakes make it do. */
import type { AggregateKind } from "#shared/domain/aggregate";
import type { DomainEvent } from "#shared/domain/events";
import { createDispatcher } from "#events/outbox/dispatcher";
import { createEventLog } from "#events/log/log";
import { projections } from "#events/projections/registry";
import { catchUp } from "#events/projections/runner";
import { dynamoClient } from "#shared/adapters/aws/dynamodb";
import { dynamoTableStore } from "#shared/adapters/aws/table";
import { Failure } from "#shared/kernel/failure";
import type { Clock } from "#shared/ports/clock";
import type { Append, EventLog, Snapshot } from "#shared/ports/event-log";
import type { TableStore } from "#shared/ports/table";

export const lanes = 8;
export const region = "eu-central-1";
export const local = { accessKeyId: "local", secretAccessKey: "local" };

/** A client's wish; `key` is its idempotency key and its trace in the log. */
export interface Op {
  readonly tenant: string;
  readonly key: string;
  readonly verb: "tenant.register" | "member.put" | "owner.put" | "identity.create";
  readonly id: string;
  /** Of the identity; it must be there. */
  readonly owner: string;
  readonly effects: readonly ("mail" | "ours")[];
}

export interface Done {
  readonly replayed: boolean;
  readonly resource: string;
}

export interface Place {
  readonly endpoint: string;
  readonly core: string;
}

export interface WorkOptions extends Place {
  readonly clock: Clock;
  deliver(tenant: string, id: string): Promise<void>;
  /** Around every call to the store. */
  readonly tie?: (tables: TableStore) => TableStore;
  readonly onFailure?: (error: unknown) => void;
}

export interface Work {
  readonly log: EventLog;
  readonly tables: TableStore;
  commit(op: Op): Promise<Done>;
  /** @returns milliseconds until something waits no longer */
  follow(tenant: string): Promise<number | undefined>;
}

const maxTries = 200;

export function openWork(options: WorkOptions): Work {
  const { clock, endpoint, core, deliver, tie = (same) => same } = options;
  const client = dynamoClient({ endpoint, region, credentials: local });
  const tables = tie(dynamoTableStore({ clientOf: () => client, tableName: core, clock }));
  const wakes = { ring: () => undefined, listen: () => async () => undefined };
  const log = createEventLog({ tables, wakes, lanes, several: true, region });
  const to = { deliver: ({ tenant, id }: { tenant: string; id: string }) => deliver(tenant, id) };
  const { run } = createDispatcher({
    log,
    tables,
    clock,
    destinations: { mail: to, ours: { ...to, own: true } },
    random: Math.random,
    onFailure: (_, error) => options.onFailure?.(error),
  });
  return {
    log,
    tables,
    async commit(op) {
      for (let tries = 1; ; tries++) {
        const outcome = await log.commit(await appendOf(log, clock.now(), op));
        if (outcome.ok) return { replayed: false, resource: op.id };
        if (outcome.reason === "replayed") break;
        if (tries === maxTries) throw new Failure("unavailable", "others change this at the same time");
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      }
      const record = await log.replayOf(op.tenant, op.key);
      if (record === undefined) throw new Error(`${op.key} is taken, and nobody knows by what`);
      return { replayed: true, resource: record.resource };
    },
    async follow(tenant) {
      for (const projection of projections) await catchUp({ log, tables }, tenant, projection);
      return run(tenant);
    },
  };
}

async function appendOf(log: EventLog, at: number, op: Op): Promise<Append> {
  const kind = op.verb.slice(0, op.verb.indexOf(".")) as AggregateKind;
  const stream: Snapshot = await log.load(op.tenant, kind, op.id);
  const touches = op.verb === "identity.create" ? [await log.load(op.tenant, "owner", op.owner)] : [];
  return {
    tenant: op.tenant,
    actor: { subject: "tester", roles: [] },
    at,
    stream,
    touches,
    event: eventOf(op, stream.rev > 0),
    effects: op.effects.map((destination, n) => ({ id: `${op.key}-${n}`, destination, payload: { n } })),
    idempotency: { key: op.key, fingerprint: op.key, status: 201, operation: op.verb, resource: op.id },
    trace: op.key,
  };
}

function eventOf({ verb, key, owner }: Op, known: boolean): DomainEvent {
  if (verb === "tenant.register") return { type: "tenant.registered", data: { name: key } };
  if (verb === "member.put")
    return { type: "member.upserted", data: { display_name: key, email: null, roles: ["viewer"] } };
  if (verb === "owner.put")
    return { type: known ? "owner.updated" : "owner.created", data: { kind: "team", name: key, email: null } };
  const data = { kind: "x509_certificate" as const, name: key, owner, issuer: null, profile: null };
  return { type: "identity.created", data: { ...data, dns_names: [], attributes: {} } };
}
