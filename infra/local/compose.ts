/** The composition root of one machine: adapters, log, functions, listeners. */
import { createRevocationWatch } from "#shared/usecases/watched-revocation";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import { createEventLog } from "#events/log/log";
import { httpFunctions, localFunctions, scheduledFunctions, wakeFunctions } from "#functions/registry";
import { createShortLived } from "#events/short-lived";
import type { Answering, FunctionDeps, Listener } from "#functions/function";
import { fileBlob } from "#shared/adapters/local/blob";
import { systemClock } from "#shared/adapters/local/clock";
import { sqliteDirectory } from "#shared/adapters/local/directory";
import { tokenBuckets } from "#shared/adapters/local/limiter";
import { openSqlite } from "#shared/adapters/local/sqlite";
import { startExpirySweep } from "./expiry-sweep.ts";
import { sqliteTableStore, sweepExpired } from "#shared/adapters/local/table";
import { localWakes } from "#shared/adapters/local/wakes";
import type { HostConfig } from "#shared/contracts/config/host";
import { deriveKey } from "#shared/crypto/hmac";
import { systemTenant } from "#shared/domain/tenant/tenant";
import { bearerAuthentication } from "#shared/http/bearer";
import { holdLock } from "#shared/kernel/process-lock";
import { createPool, type Pool } from "#shared/http/pool";
import { createProtocolRequests } from "#shared/http/protocol-requests";
import type { Environment } from "#shared/kernel/config";
import { tlsRoot } from "#shared/usecases/tls-root";
import { fromBase64 } from "#shared/kernel/bytes";
import { pemEncode } from "#shared/pki/pem";
import { authenticateToken } from "#shared/usecases/tokens";
import { makeSignInLink } from "#shared/usecases/sign-in-link";
import { connectSigner } from "#signer/client/signer-client";
import { burntUrls } from "./burnt-urls.ts";
import { behindListener, type Loaded, whenAsked } from "./by-path.ts";
import { type FrontDoor, openFrontDoor } from "./front-door.ts";
import { provisionHostCa } from "./host-ca.ts";
import { listenAdmin, listenHttp, listenHttps, listenOldPorts, type Opened } from "./listeners.ts";
import { networkOf } from "./network-settings.ts";
import { type Places, placesOf } from "./places.ts";
import { type Mode } from "./profile.ts";
import { evaluation, provisionEvaluation, provisionHost, writeCliProfile } from "./provision.ts";
import type { ReadyFacts } from "./ready-message.ts";
import { report } from "./report.ts";
import { noteRestored } from "./restored.ts";
import { hostSecret } from "./secrets.ts";
import { signInOf } from "./sign-in-settings.ts";
import { startServerCertificate } from "./server-certificate.ts";
import { startWakePump } from "./wake-pump.ts";

export interface Host {
  readonly facts: ReadyFacts;
  stop(): Promise<void>;
}

/** How many lanes a tenant's log has on one machine (DESIGN §4). */
const lanes = 1;
/** Of a host that is ending: it answers those who wait, and has three seconds for that. */
const dyingMs = 10_000;
/** The directory is locked: nobody else writes the store. */
const cachedRows = 5_000;
const maxTenantBuckets = 10_000;
const maxEnrolmentBuckets = 100_000;
const listeners: readonly Listener[] = ["api", "mtls", "revocation", "admin"];

export async function startHost(mode: Mode, config: HostConfig, environment: Environment): Promise<Host> {
  const places = placesOf(config, environment);
  // A supervisor that was killed leaves its host behind for a moment, and what this one caches nobody else may write.
  holdLock(join(places.host, "lock"), dyingMs);
  const sqlite = openSqlite(join(places.host, "store.db"));
  const clock = systemClock;
  const signer = connectSigner(places.signerSocket);
  const loaded: Loaded[] = [];
  const answers = new Map<Listener, ReturnType<typeof behindListener>>();
  const served = (listener: Listener) => () => answers.get(listener);
  const opened: Opened[] = [];
  const http = await listenHttp(config.TRSTCTL_BIND_ADDRESS, config.TRSTCTL_HTTP_PORT, served("revocation"));
  opened.push(http);
  const revocationBaseUrl = config.TRSTCTL_REVOCATION_BASE_URL ?? `http://${config.TRSTCTL_BIND_ADDRESS}:${http.port}`;
  const revocationHostnames = new Set([...config.TRSTCTL_HOSTNAMES, new URL(revocationBaseUrl).hostname]);
  const door = openFrontDoor();
  const parts = { sqlite, clock, signer, door, revocationBaseUrl, revocationHostnames };
  const beforeListening = functionDeps(config, places, parts);
  await signerReady(beforeListening);
  await noteRestored(beforeListening, places);
  await provisionHost(beforeListening);
  const issuer = await provisionHostCa(beforeListening, config.TRSTCTL_HOSTNAMES, http.port);
  const certificate = await startServerCertificate(beforeListening, systemTenant, issuer, config.TRSTCTL_HOSTNAMES);
  const https = await listenTls("TRSTCTL_HTTPS_PORT", "api");
  const mtls = await listenTls("TRSTCTL_MTLS_PORT", "mtls");
  const publicUrl = config.TRSTCTL_PUBLIC_URL ?? `https://${config.TRSTCTL_HOSTNAMES[0] ?? "localhost"}:${https.port}`;
  const origins = new Set([publicUrl, ...config.TRSTCTL_HOSTNAMES.map((name) => originOf(name, https.port))]);
  const deps: LocalDeps = { ...beforeListening, publicUrl, origins, ...(mode === "up" && { evaluation }) };
  const pump = startWakePump(deps, await Promise.all(wakeFunctions.map((entry) => entry.load(deps))));
  for (const entry of [...httpFunctions, ...localFunctions]) {
    const load = () => entry.load({ ...deps, pool: poolOf(entry, door) });
    // Protocols cost memory and time to start with, and many hosts serve one of them or none.
    loaded.push([entry, entry.protocol === undefined ? await load() : whenAsked(load)]);
  }
  for (const listener of listeners) answers.set(listener, behindListener(listener, loaded));
  certificate.onRenewed((context) => {
    for (const tls of [https, mtls]) tls.useCertificate(context);
  });
  opened.push(await listenAdmin(places.adminSocket, served("admin")));
  const facts = {
    apiUrl: `https://localhost:${https.port}`,
    mtlsUrl: `https://localhost:${mtls.port}`,
    revocationUrl: `http://${config.TRSTCTL_BIND_ADDRESS}:${http.port}`,
  };
  if (mode === "up") await writeCliProfile(deps, places, facts.apiUrl, await provisionEvaluation(deps));
  const link = mode === "up" ? `#sign-in=${await makeSignInLink(deps, evaluation)}` : "";
  const consoleUrl = `${consoleOrigin(config.TRSTCTL_HOSTNAMES, https.port)}/${link}`;
  const burnt = await burntUrls(deps);
  for (const { hostname } of burnt) revocationHostnames.add(hostname);
  opened.push(...(await listenOldPorts(burnt, config.TRSTCTL_BIND_ADDRESS, http.port, served("revocation"))));
  const timers = await startSchedules(deps, pump.sweep);
  async function listenTls(setting: "TRSTCTL_HTTPS_PORT" | "TRSTCTL_MTLS_PORT", listener: Listener) {
    const place = {
      address: config.TRSTCTL_BIND_ADDRESS,
      port: config[setting],
      setting,
      requestCert: listener === "mtls",
    };
    const tls = await listenHttps(place, certificate.current(), served(listener), door);
    opened.push(tls);
    return tls;
  }
  const stopExpiry = startExpirySweep((limit) => sweepExpired(sqlite, clock, limit));
  const { state: root } = await tlsRoot(deps, systemTenant);
  return {
    facts: { ...facts, consoleUrl, tlsRoot: pemEncode("CERTIFICATE", fromBase64(root.certificate)) },
    async stop() {
      stopExpiry();
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
/** What there is before the port of the API is known. */
export type EarlyDeps = Omit<LocalDeps, "publicUrl" | "origins">;

interface Parts {
  readonly sqlite: ReturnType<typeof openSqlite>;
  readonly clock: typeof systemClock;
  readonly signer: ReturnType<typeof connectSigner>;
  readonly door: FrontDoor;
  readonly revocationBaseUrl: string;
  readonly revocationHostnames: ReadonlySet<string>;
}

function functionDeps(config: HostConfig, places: Places, parts: Parts): EarlyDeps {
  const { sqlite, clock, signer, door, revocationBaseUrl, revocationHostnames } = parts;
  const tables = sqliteTableStore(sqlite, clock, { cachedRows });
  const directory = sqliteDirectory(sqlite, clock, { cachedRows });
  const wakes = localWakes({ onError: (error) => report(error, { function: "wake" }) });
  const log = createEventLog({ tables, wakes, lanes });
  const secret = hostSecret(join(places.host, "host.key"));
  const authenticate = bearerAuthentication((token) => authenticateToken({ directory, log, clock }, token));
  const fingerprintKeys = new Map<string, Uint8Array>();
  const network = networkOf(config);
  return {
    log,
    logPlace: { lanes, region: undefined },
    signer,
    directory,
    tables,
    clock,
    wakes,
    watch: createRevocationWatch(),
    report,
    blob: fileBlob(join(places.host, "blobs")),
    enrolmentLimits: {
      perSubject: hourly(config.TRSTCTL_ENROL_PER_SUBJECT_PER_HOUR, clock),
      perName: hourly(config.TRSTCTL_ENROL_PER_NAME_PER_HOUR, clock),
    },
    limiter: tokenBuckets({
      capacity: config.TRSTCTL_RATE_BURST,
      refillPerSecond: config.TRSTCTL_RATE_PER_MINUTE / 60,
      clock,
      maxBuckets: maxTenantBuckets,
    }),
    revocationBaseUrl,
    hostnames: config.TRSTCTL_HOSTNAMES,
    ...network,
    signIn: signInOf(config, { egress: network.egress, clock }),
    protocols: httpFunctions.flatMap(({ protocol }) => protocol ?? []),
    enrolmentSecret: (tenant, credential) => deriveKey(secret, `trstctl/enrolment/1/${tenant}/${credential}`),
    shortLived: createShortLived(tables, clock),
    protocolRequests: createProtocolRequests(),
    auditRetentionMs:
      config.TRSTCTL_AUDIT_RETENTION_DAYS === undefined ? undefined : config.TRSTCTL_AUDIT_RETENTION_DAYS * 86_400_000,
    systemTenant,
    plainHostnames: [...revocationHostnames], // not those of old URLs, which join later
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

const originOf = (name: string, port: number): string =>
  new URL(`https://${isIPv6(name) ? `[${name}]` : name}:${port}`).origin;

/** A name of its own, where it is ours: cookies do not know ports, and much else runs at `localhost`. */
const consoleOrigin = (names: readonly string[], port: number): string =>
  originOf(names.find((name) => name === "trstctl.localhost") ?? names[0] ?? "localhost", port);

/** An hour's worth at once, refilled over the hour. */
const hourly = (perHour: number, clock: typeof systemClock) =>
  tokenBuckets({ capacity: perHour, refillPerSecond: perHour / 3600, clock, maxBuckets: maxEnrolmentBuckets });

/** What the front door refused counts as the API's. */
function poolOf({ name, concurrency }: Answering, door: FrontDoor): Pool {
  const pool = createPool(concurrency);
  return name === "api" ? { ...pool, rejected: () => pool.rejected() + door.refused() } : pool;
}

/** A signer that has lost what it remembered reads its whole journal: some ten seconds for each million signatures. */
const signerWaitMs = 300_000;
const silentMs = 5_000;

/** The two start side by side. */
async function signerReady({ signer }: EarlyDeps): Promise<void> {
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
