/**
 * The whole product but its processes and listeners: API, usecases, outbox, projections and duties on a real store with a
 * real signer. The signer and what is stored outlive the host, which can be cut and started anew.
 */
import { noNetwork } from "#test/dns/no-network";
import { createRevocationWatch } from "#shared/usecases/watched-revocation";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEventLog } from "#events/log/log";
import { createShortLived } from "#events/short-lived";
import { createProtocolRequests } from "#shared/http/protocol-requests";
import { createApi } from "#functions/api/app";
import { createOutbox } from "#functions/outbox/app";
import { createProjections } from "#functions/projections/app";
import type { FunctionDeps } from "#functions/function";
import { fileBlob } from "#shared/adapters/local/blob";
import { tokenBuckets } from "#shared/adapters/local/limiter";
import { randomBytes } from "#shared/crypto/random";
import { createPool } from "#shared/http/pool";
import { Failure } from "#shared/kernel/failure";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import type { Signer } from "#shared/ports/signer";
import { freshenRevocation } from "#shared/usecases/freshen-revocation";
import { createReconciliation } from "#shared/usecases/reconcile";
import { openJournal } from "#signer/journal";
import { openKeyStore } from "#signer/keys/key-files";
import { createSignerService, type SignerService } from "#signer/service";
import { recordedWakes, type TestClock, testClock } from "#test/log/local-log";
import { type Fault, type Lifeline, lifeline } from "../faults.ts";
import type { ModelStore } from "../stores.ts";

/** A signer with its keys and journal; one for all runs, each of which has tenants of its own. */
export async function openVault() {
  const directory = mkdtempSync(join(tmpdir(), "trstctl-model-"));
  let clock = testClock();
  const signer = await createSignerService({
    clock: { now: () => clock.now() },
    keys: openKeyStore(join(directory, "keys"), new SecretBytes(randomBytes(32))),
    openJournal: (onRecord) => openJournal(join(directory, "journal"), onRecord),
  });
  return {
    signer,
    blobs: join(directory, "blobs"),
    tick(by: TestClock) {
      clock = by;
    },
    async close() {
      await signer.flush();
      rmSync(directory, { recursive: true });
    },
  };
}
export type Vault = Awaited<ReturnType<typeof openVault>>;

export interface EstateOptions {
  readonly store: ModelStore;
  readonly vault: Vault;
  readonly clock: TestClock;
  readonly lanes: number;
}

interface Host {
  readonly life: Lifeline;
  readonly deps: FunctionDeps;
  readonly api: ReturnType<typeof createApi>;
  readonly handlers: readonly ((tenant: string) => Promise<unknown>)[];
}

export const subject = "tester";
const noTrace = "4bf92f3577b34da6a3ce929d0e0e4736";

export class Estate {
  readonly wakes = recordedWakes();
  leaves: "up" | "down" = "up";
  readonly #options: EstateOptions;
  #host: Host;

  constructor(options: EstateOptions) {
    this.#options = options;
    options.vault.tick(options.clock);
    this.#host = this.#start();
  }

  get deps(): FunctionDeps {
    return this.#host.deps;
  }

  #signer(signer: SignerService): Signer {
    return {
      generateKey: (spec) => signer.generateKey(spec),
      sign: async (request) => {
        if (this.leaves === "down" && request.opId.startsWith("issue/")) throw new Failure("unavailable", "no signer");
        return await signer.sign(request);
      },
      decrypt: (request) => signer.decrypt(request),
      journal: (tenant, after, limit) => signer.journal(tenant, after, limit),
      health: () => signer.health(),
    };
  }

  #start(): Host {
    const { store, vault, clock, lanes } = this.#options;
    const life = lifeline();
    const tables = life.tiedStore(store.open(clock, true));
    const unlimited = tokenBuckets({ capacity: 1e6, refillPerSecond: 1e6, clock, maxBuckets: 100 });
    const deps: FunctionDeps = {
      log: createEventLog({ tables, wakes: this.wakes, lanes, ...(lanes > 1 && { several: true }) }),
      logPlace: { lanes, region: undefined },
      signer: life.tied(this.#signer(vault.signer)),
      directory: life.tied(store.directory(clock)),
      blob: life.tied(fileBlob(vault.blobs)),
      clock,
      tables,
      enrolmentLimits: { perSubject: unlimited, perName: unlimited },
      limiter: tokenBuckets({ capacity: 1e6, refillPerSecond: 1e6, clock, maxBuckets: 100 }),
      revocationBaseUrl: "http://127.0.0.1:8080",
      origins: new Set<string>(),
      publicUrl: "https://localhost:8443",
      ...noNetwork,
      protocols: [],
      enrolmentSecret: () => new Uint8Array(32),
      shortLived: createShortLived(tables, clock),
      protocolRequests: createProtocolRequests(),
      signIn: new Map(),
      hostnames: ["localhost"],
      systemTenant: "system",
      plainHostnames: ["localhost"],
      revocationHostnames: new Set<string>(),
      authenticate: async (headers) => ({
        tenant: headers.get("authorization") ?? "",
        subject,
        roles: [],
        scopes: ["*"],
      }),
      fingerprintKey: () => new Uint8Array(32),
      ready: async () => ({}),
      watch: createRevocationWatch(),
      report: () => undefined,
    };
    const api = createApi({ ...deps, pool: createPool(64) });
    return { life, deps, api, handlers: [createOutbox(deps), createProjections(deps)] };
  }

  /**
   * @param prompt the doorbell is heard at once, as a request needs that waits for what it published
   * @param trace 32 hex digits, which its event carries
   */
  async request(tenant: string, asked: HttpRequest, key: string, prompt: boolean, trace = noTrace): Promise<Answer> {
    let answered = false;
    const { method, path, body } = asked;
    const response = Promise.resolve(
      this.#host.api.fetch(
        new Request(`https://localhost/api/v1${path}`, {
          method,
          headers: {
            host: "localhost",
            authorization: tenant,
            "idempotency-key": key,
            "content-type": "application/json",
            traceparent: `00-${trace}-00f067aa0ba902b7-01`,
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        }),
      ),
    ).finally(() => {
      answered = true;
    });
    while (prompt && !answered) {
      if (this.wakes.rung.splice(0).length > 0) await this.wake(tenant);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const heard = await response;
    const text = await heard.text();
    const replayed = heard.headers.get("idempotency-replayed") === "true";
    return { status: heard.status, replayed, body: text === "" ? {} : (JSON.parse(text) as Json) };
  }

  /** @returns whether all went to its end */
  async wake(tenant: string): Promise<boolean> {
    const done = await Promise.allSettled(this.#host.handlers.map((handler) => handler(tenant)));
    return done.every(({ status }) => status === "fulfilled");
  }

  /** What the clock brings about for a tenant every minute. */
  async duties(tenant: string): Promise<boolean> {
    let failed = false;
    await freshenRevocation(this.deps, tenant, () => {
      failed = true;
    }).catch(() => {
      failed = true;
    });
    failed ||= !(await this.wake(tenant));
    await createReconciliation(this.deps, tenant)
      .advance()
      .catch(() => {
        failed = true;
      });
    return !failed;
  }

  arm(fault: Fault | undefined): void {
    this.#host.life.arm(fault);
  }

  async disarm(): Promise<boolean> {
    const struck = this.#host.life.disarm();
    if (this.#host.life.dead()) await this.restart();
    return struck;
  }

  async restart(): Promise<void> {
    await this.#host.life.end();
    this.#host = this.#start();
  }
}

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
}

export type Json = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly replayed: boolean;
  readonly body: Json;
}
