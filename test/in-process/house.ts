/**
 * The whole house in one process, for tests that need to move the clock or break something: real log, real SQLite, real
 * signer with real keys and journal; only the processes, the listeners and the time are the test's.
 */
import { createRevocationWatch } from "#shared/usecases/watched-revocation";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEventLog } from "#events/log/log";
import { createShortLived } from "#events/short-lived";
import { createProtocolRequests } from "#shared/http/protocol-requests";
import { createOutbox } from "#functions/outbox/app";
import { fileBlob } from "#shared/adapters/local/blob";
import { sqliteDirectory } from "#shared/adapters/local/directory";
import { tokenBuckets } from "#shared/adapters/local/limiter";
import { openSqlite } from "#shared/adapters/local/sqlite";
import { sqliteTableStore } from "#shared/adapters/local/table";
import { localWakes } from "#shared/adapters/local/wakes";
import { sha256 } from "#shared/crypto/hash";
import { generateLeafKey } from "#shared/crypto/leaf-key";
import type { FunctionDeps } from "#functions/function";
import type { Clock } from "#shared/ports/clock";
import type { Directory } from "#shared/ports/directory";
import type { TableStore } from "#shared/ports/table";
import { buildCsr } from "#shared/pki/build-csr";
import { canonicalName } from "#shared/pki/general-name";
import { commonName } from "#shared/pki/name";
import type { Call } from "#shared/usecases/deps";
import { registerTenant } from "#shared/usecases/register-tenant";
import { noNetwork } from "#test/dns/no-network";
import type { SignerService } from "#signer/service";
import { openSigner } from "#test/signer/workshop";

export interface House extends AsyncDisposable {
  readonly deps: FunctionDeps & { readonly signer: SignerService };
  readonly sqlite: ReturnType<typeof openSqlite>;
  /** Moves the clock of everything. */
  advance(ms: number): void;
  /** Works off the outbox of a tenant. */
  settle(tenant: string): Promise<void>;
  /** Failures that were reported as ours. */
  readonly reported: unknown[];
}

export const revocationBaseUrl = "http://127.0.0.1:8080";

/** What a house stands on instead of SQLite. */
export interface Storage {
  readonly tables: TableStore;
  readonly directory: Directory;
  readonly lanes: number;
  readonly several: true;
}

/** @param baseUrl burnt into the certificates of its CAs @param storageOf given the house's clock */
export async function openHouse(
  tenants: readonly string[] = ["acme"],
  baseUrl = revocationBaseUrl,
  storageOf?: (clock: Clock) => Storage,
): Promise<House> {
  const directory = mkdtempSync(join(tmpdir(), "house-"));
  let now = Date.parse("2026-11-23T12:00:00Z");
  const clock = { now: () => now };
  const sqlite = openSqlite(join(directory, "store.db"));
  const storage = storageOf?.(clock);
  const tables = storage?.tables ?? sqliteTableStore(sqlite, clock);
  const reported: unknown[] = [];
  const wakes = localWakes({ onError: (error) => reported.push(error) });
  const signer = await openSigner(directory, clock);
  const deps = {
    log: createEventLog({ tables, wakes, lanes: storage?.lanes ?? 1, ...(storage && { several: storage.several }) }),
    signer,
    directory: storage?.directory ?? sqliteDirectory(sqlite, clock),
    blob: fileBlob(join(directory, "blobs")),
    clock,
    tables,
    logPlace: { lanes: 1, region: undefined },
    enrolmentLimits: {
      perSubject: tokenBuckets({ capacity: 1e6, refillPerSecond: 1e6, clock, maxBuckets: 1000 }),
      perName: tokenBuckets({ capacity: 1e6, refillPerSecond: 1e6, clock, maxBuckets: 1000 }),
    },
    limiter: tokenBuckets({ capacity: 1e6, refillPerSecond: 1e6, clock, maxBuckets: 100 }),
    revocationBaseUrl: baseUrl,
    publicUrl: "https://localhost:8443",
    origins: new Set(["https://localhost:8443"]),
    protocols: ["acme", "est", "scep", "cmp"],
    enrolmentSecret: (tenant: string, credential: string) => sha256(`${tenant}/${credential}`),
    ...noNetwork,
    shortLived: createShortLived(tables, clock),
    protocolRequests: createProtocolRequests(),
    signIn: new Map(),
    hostnames: ["localhost"],
    systemTenant: "system",
    plainHostnames: ["localhost"],
    revocationHostnames: new Set<string>(),
    authenticate: () => Promise.reject(new TypeError("no principals here: tests make their calls themselves")),
    fingerprintKey: () => new Uint8Array(32),
    ready: () => Promise.resolve({}),
    watch: createRevocationWatch(),
    report: (error: unknown) => {
      reported.push(error);
    },
  };
  const outbox = createOutbox(deps);
  for (const tenant of tenants) {
    await registerTenant(deps, { tenant, name: tenant, revocationBaseUrl: baseUrl });
    await outbox(tenant);
  }
  return {
    deps,
    sqlite,
    reported,
    advance(ms) {
      now += ms;
    },
    async settle(tenant) {
      await outbox(tenant);
    },
    async [Symbol.asyncDispose]() {
      await signer.flush();
      sqlite.close();
      rmSync(directory, { recursive: true });
    },
  };
}

let calls = 0;

/** An administrator's request. */
export const adminCall = (tenant: string, operation = `operation-${++calls}`): Call => ({
  principal: { tenant, subject: "tester", roles: [], scopes: ["*"] },
  operation,
});

/** A certificate request for DNS names under a new P-256 key, DER. */
export function newCsr(...names: readonly string[]): Uint8Array {
  const key = generateLeafKey();
  return buildCsr({
    subject: commonName(names[0] ?? ""),
    names: names.map((name) => canonicalName("dns", name)),
    spki: key.spki,
    signatureAlgorithm: "ecdsa-with-SHA256",
    sign: key.sign,
  });
}
