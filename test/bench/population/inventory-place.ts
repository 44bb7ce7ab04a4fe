/**
 * A data directory with an inventory such as people have: two issuing CAs, three profiles, renewed and revoked certificates
 * among those that are valid. Made once and kept under .cache/bench: a million takes as long as all other figures together.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { partition } from "#events/item-kinds";
import { createEventLog } from "#events/log/log";
import type { Projection } from "#events/projections/projection";
import { projections } from "#events/projections/registry";
import { catchUp } from "#events/projections/runner";
import { systemClock } from "#shared/adapters/local/clock";
import { openSqlite } from "#shared/adapters/local/sqlite";
import { sqliteTableStore } from "#shared/adapters/local/table";
import { localWakes } from "#shared/adapters/local/wakes";
import { root } from "../../../toolchain/runtime.mjs";
import { apiGet, apiPost } from "../api.ts";
import { csrFor } from "../csr.ts";
import { type RunningHost, startHost } from "../host.ts";
import { populate } from "./populate.ts";
import { nameOf } from "./template.ts";

const tenant = "default";
const progressStep = 20_000;
const quarter = 90 * 86_400;

/** What each template is issued under, by its number. */
const profiles = ["default", "devices", "retired-fleet"] as const;
/** Of 25 in turn: 17 by the first, 7 by the second, one by the third, whose certificates are then all revoked. */
const kinds = [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 2] as const;
const renewedEvery = 31;

/** @returns a place for `startHost`; nothing runs in it, and whoever does leaves the inventory as it is */
export async function inventoryPlace(certificates: number): Promise<string> {
  const place = join(root, ".cache", "bench", `inventory-${certificates}-${hashOf(import.meta.dirname)}`);
  const marker = join(place, "made.json");
  const readModels = hashOf(join(root, "events", "projections"));
  const started = performance.now();
  const seconds = (): number => Math.round((performance.now() - started) / 1000);
  const made = existsSync(marker) ? (JSON.parse(readFileSync(marker, "utf8")) as Made) : undefined;
  if (made?.readModels === readModels) return place;
  if (made === undefined) {
    rmSync(place, { recursive: true, force: true });
    mkdirSync(join(place, "home"), { recursive: true });
    await make(place, certificates);
    writeFileSync(marker, JSON.stringify({ certificates, seconds: seconds(), readModels } satisfies Made));
  } else {
    await followLog(join(place, "data"), "anew");
    writeFileSync(marker, JSON.stringify({ ...made, readModels } satisfies Made));
  }
  process.stderr.write(`inventory: kept in ${place}, made in ${seconds()} s\n`);
  return place;
}

interface Made {
  readonly certificates: number;
  readonly seconds: number;
  /** Hash of what makes them: other read models are made from the same log. */
  readonly readModels: string;
}

/** Another generator, another inventory. */
function hashOf(folder: string): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(folder).sort()) hash.update(readFileSync(join(folder, name)));
  return hash.digest("hex").slice(0, 12);
}

async function make(place: string, certificates: number): Promise<void> {
  await withHost(place, async (host) => {
    const devices = await apiPost<{ readonly id: string }>(host, "/issuers", { name: "Devices CA" });
    await apiPost(host, "/profiles", { name: "devices", spec: { issuer_id: devices.id } });
    await apiPost(host, "/profiles", { name: "retired-fleet", spec: {} });
    for (const [n, profile] of profiles.entries())
      await apiPost(host, "/certificates", { csr: csrFor(nameOf(n)), profile, validity_seconds: quarter });
  });
  const started = performance.now();
  const say = (what: string): void => {
    process.stderr.write(`inventory: ${what} after ${Math.round((performance.now() - started) / 1000)} s\n`);
  };
  const count = certificates - profiles.length;
  const onProgress = (done: number): void => void (done % progressStep === 0 && say(`${done} of ${count}`));
  await populate(join(place, "data"), { tenant, count, kinds, renewedEvery, onProgress });
  await followLog(join(place, "data"));
  say("read models");
  await withHost(place, revokeFleet);
  say("revocations");
}

async function withHost(place: string, work: (host: RunningHost) => Promise<void>): Promise<void> {
  const host = await startHost(place);
  try {
    await work(host);
  } finally {
    await host.stop();
  }
}

/** What the host would do behind the answers of so many issuances. @param anew what was made by other code is removed first */
async function followLog(data: string, anew?: "anew"): Promise<void> {
  const sqlite = openSqlite(join(data, "host", "store.db"));
  try {
    for (const { name } of anew === undefined ? [] : projections)
      sqlite.db
        .prepare("DELETE FROM item WHERE pk IN (?, ?)")
        .run(partition(tenant, "N", name), partition(tenant, "P", name));
    const tables = sqliteTableStore(sqlite, systemClock);
    const onError = (error: unknown): never => {
      throw error;
    };
    const log = createEventLog({ tables, wakes: localWakes({ onError }), lanes: 1 });
    for (const projection of projections) await catchUp({ log, tables }, tenant, projection as Projection<unknown>);
  } finally {
    sqlite.close();
  }
}

interface Job {
  readonly id: string;
  readonly status: string;
  readonly crls_pending: number;
}

/** One bulk job of the API. */
async function revokeFleet(host: RunningHost): Promise<void> {
  const body = { mode: "revoke", reason: "cessationOfOperation", profile: "retired-fleet" };
  const { id } = await apiPost<Job>(host, "/revocations", body);
  for (;;) {
    const job = await apiGet<Job>(host, `/revocations/${id}`);
    if (job.status === "done" && job.crls_pending === 0) return;
    await wait(500);
  }
}
