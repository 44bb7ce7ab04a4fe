/** The composition root of one machine: adapters, log, functions, listeners. */
import { createRevocationWatch } from "#shared/usecases/revocation-watch";
import { join } from "node:path";
import { createEventLog } from "#events/log/log";
import { httpFunctions, scheduledFunctions, wakeFunctions } from "#functions/registry";
import type { FunctionDeps, Listener } from "#functions/function";
import { fileBlob } from "#shared/adapters/local/blob";
import { systemClock } from "#shared/adapters/local/clock";
import { sqliteDirectory } from "#shared/adapters/local/directory";
import { tokenBuckets } from "#shared/adapters/local/limiter";
import { openSqlite } from "#shared/adapters/local/sqlite";
import { sqliteTableStore, sweepExpired } from "#shared/adapters/local/table";
import { localWakes } from "#shared/adapters/local/wakes";
import type { HostConfig } from "#shared/contracts/config/host";
import { deriveKey } from "#shared/crypto/hmac";
import { bearerAuthentication } from "#shared/http/bearer";
import { createPool, type Pool } from "#shared/http/pool";
import type { Environment } from "#shared/kernel/config";
import { authenticateToken } from "#shared/usecases/tokens";
import { connectSigner } from "#signer/client/signer-client";
import { burntUrls } from "./burnt-urls.ts";
import { type FrontDoor, openFrontDoor } from "./front-door.ts";
import { listenAdmin, listenHttp, listenHttps, listenOldPorts, type Opened, type Served } from "./listeners.ts";
import { type Places, placesOf } from "./places.ts";
import { type Mode } from "./profile.ts";
import { provisionEvaluation, provisionHost, systemTenant, writeCliProfile } from "./provision.ts";
import type { ReadyFacts } from "./ready-message.ts";
import { report } from "./report.ts";
import { noteRestored } from "./restored.ts";
import { hostSecret } from "./secrets.ts";
import { startServerCertificate } from "./server-certificate.ts";
import { startWakePump } from "./wake-pump.ts";

export interface Host {
  readonly facts: ReadyFacts;
  stop(): Promise<void>;
}

/** How many lanes a tenant's log has on one machine (DESIGN §4). */
const lanes = 1;
/** The data directory is locked: nobody else writes the store. */
const cachedRows = 5_000;
const sweepEveryMs = 60_000;
const maxTenantBuckets = 10_000;

export async function startHost(mode: Mode, config: HostConfig, environment: Environment): Promise<Host> {
  const places = placesOf(config, environment);
  const sqlite = openSqlite(join(places.host, "store.db"));
  const clock = systemClock;
  const signer = connectSigner(places.signerSocket);
  const served = new Map<Listener, Served>();
  const opened: Opened[] = [];
  const http = await listenHttp(config.TRSTCTL_BIND_ADDRESS, config.TRSTCTL_HTTP_PORT, () => served.get("revocation"));
  opened.push(http);
  const revocationBaseUrl = config.TRSTCTL_REVOCATION_BASE_URL ?? `http://${config.TRSTCTL_BIND_ADDRESS}:${http.port}`;
  const revocationHostnames = new Set([...config.TRSTCTL_HOSTNAMES, new URL(revocationBaseUrl).hostname]);
  const door = openFrontDoor();
  const deps = functionDeps(config, places, { sqlite, clock, signer, door, revocationBaseUrl, revocationHostnames });
  await signerReady(deps);
  await noteRestored(deps, places);
  await provisionHost(deps, http.port);
  const certificate = await startServerCertificate(deps, systemTenant, config.TRSTCTL_HOSTNAMES);
  const pump = startWakePump(deps, await Promise.all(wakeFunctions.map((entry) => entry.load(deps))));
  for (const { listener, concurrency, load } of httpFunctions)
    served.set(listener, await load({ ...deps, pool: poolOf(listener, concurrency, door) }));
  const https = await listenHttps(
    { address: config.TRSTCTL_BIND_ADDRESS, port: config.TRSTCTL_HTTPS_PORT },
    certificate.current(),
    () => served.get("api"),
    door,
  );
  opened.push(https);
  certificate.onRenewed((context) => https.useCertificate(context));
  opened.push(await listenAdmin(places.adminSocket, () => served.get("admin")));
  const facts: ReadyFacts = {
    apiUrl: `https://localhost:${https.port}`,
    revocationUrl: `http://${config.TRSTCTL_BIND_ADDRESS}:${http.port}`,
  };
  if (mode === "up") await writeCliProfile(deps, places, facts.apiUrl, await provisionEvaluation(deps));
  const burnt = await burntUrls(deps);
  for (const { hostname } of burnt) revocationHostnames.add(hostname);
  opened.push(...(await listenOldPorts(burnt, config.TRSTCTL_BIND_ADDRESS, http.port, () => served.get("revocation"))));
  const timers = await startSchedules(deps, pump.sweep);
  const expiry = setInterval(() => sweepExpired(sqlite, clock, 1_000), sweepEveryMs);
  return {
    facts,
    async stop() {
      clearInterval(expiry);
      for (const timer of timers) clearInterval(timer);
      certificate.stop();
      door.stop();
      await Promise.all(opened.map(({ close }) => close()));
      await pump.stop();
      signer.close();
      sqlite.close();
    },
  };
}

export type LocalDeps = FunctionDeps & { readonly wakes: ReturnType<typeof localWakes> };

interface Parts {
  readonly sqlite: ReturnType<typeof openSqlite>;
  readonly clock: typeof systemClock;
  readonly signer: ReturnType<typeof connectSigner>;
  readonly door: FrontDoor;
  readonly revocationBaseUrl: string;
  readonly revocationHostnames: ReadonlySet<string>;
}

function functionDeps(config: HostConfig, places: Places, parts: Parts): LocalDeps {
  const { sqlite, clock, signer, door, revocationBaseUrl, revocationHostnames } = parts;
  const tables = sqliteTableStore(sqlite, clock, { cachedRows });
  const directory = sqliteDirectory(sqlite, clock, { cachedRows });
  const wakes = localWakes({ onError: (error) => report(error, { function: "wake" }) });
  const log = createEventLog({ tables, wakes, lanes });
  const secret = hostSecret(join(places.host, "host.key"));
  const authenticate = bearerAuthentication((token) => authenticateToken({ directory, log, clock }, token));
  const fingerprintKeys = new Map<string, Uint8Array>();
  return {
    log,
    signer,
    directory,
    tables,
    clock,
    wakes,
    watch: createRevocationWatch(),
    report,
    blob: fileBlob(join(places.host, "blobs")),
    limiter: tokenBuckets({
      capacity: config.TRSTCTL_RATE_BURST,
      refillPerSecond: config.TRSTCTL_RATE_PER_MINUTE / 60,
      clock,
      maxBuckets: maxTenantBuckets,
    }),
    revocationBaseUrl,
    hostnames: config.TRSTCTL_HOSTNAMES,
    auditRetentionMs:
      config.TRSTCTL_AUDIT_RETENTION_DAYS === undefined ? undefined : config.TRSTCTL_AUDIT_RETENTION_DAYS * 86_400_000,
    systemTenant,
    revocationHostnames,
    async authenticate(headers) {
      const principal = await authenticate(headers);
      door.learn(headers.get("authorization"), principal.tenant);
      return principal;
    },
    fingerprintKey(tenant) {
      const key = fingerprintKeys.get(tenant) ?? deriveKey(secret, `trstctl/fingerprint/1/${tenant}`);
      fingerprintKeys.set(tenant, key);
      return key;
    },
    async ready() {
      const check = (work: Promise<unknown>) =>
        work.then(
          () => "ok" as const,
          () => "failing" as const,
        );
      const [store, signing] = await Promise.all([check(log.heads(systemTenant)), check(signer.health())]);
      return { store, signer: signing };
    },
  };
}

/** What the front door refused counts as the API's. */
function poolOf(listener: Listener, concurrency: number, door: FrontDoor): Pool {
  const pool = createPool(concurrency);
  return listener === "api" ? { ...pool, rejected: () => pool.rejected() + door.refused() } : pool;
}

/** A signer that has lost what it remembered reads its whole journal: some ten seconds for each million signatures. */
const signerWaitMs = 300_000;
const silentMs = 5_000;

/** The two start side by side. */
async function signerReady({ signer }: LocalDeps): Promise<void> {
  const started = performance.now();
  let said = false;
  for (;;) {
    try {
      return await signer.health();
    } catch (error) {
      const waited = performance.now() - started;
      if (waited > signerWaitMs) throw error;
      if (waited > silentMs && !said) {
        process.stderr.write("trstctl: waiting for the signer, which reads its journal\n");
        said = true;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

async function startSchedules(deps: LocalDeps, sweep: (tenant: string) => Promise<void>): Promise<NodeJS.Timeout[]> {
  const timers: NodeJS.Timeout[] = [];
  for (const { everySeconds, load } of scheduledFunctions) {
    const run = await load(deps);
    const duty = (): void => void run(sweep).catch((error: unknown) => report(error, { function: "schedule" }));
    timers.push(setInterval(duty, everySeconds * 1000));
    duty();
  }
  return timers;
}
