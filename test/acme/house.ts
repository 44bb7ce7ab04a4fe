/** An ACME server in a house of its own, with a world around it that answers challenges as the test wants. */
import { createAcmeServer } from "#functions/acme/app";
import { createValidating } from "#functions/acme/validating";
import type { BoundDeps } from "#functions/function";
import { createPool } from "#shared/http/pool";
import type { EndpointSettings } from "#shared/domain/enrolment-endpoint/enrolment-endpoint";
import { utf8 } from "#shared/kernel/bytes";
import type { Clock } from "#shared/ports/clock";
import type { CaaRecord } from "#shared/ports/resolver";
import { createEndpoint } from "#shared/usecases/enrolment-endpoints";
import { endpointSettings } from "#test/domain/endpoint-settings";
import { adminCall, type House, openHouse, revocationBaseUrl, type Storage } from "#test/in-process/house";
import { type Client, type ClientAlgorithm, type Fetch, newClient, type Reply } from "./client.ts";

export const tenant = "acme";
export const origin = "https://localhost:8443";
export const directoryOf = (label: string): string => `${origin}/acme/${label}/directory`;

export const settings = endpointSettings({ protocols: ["acme"], auth: ["open"] });

/** What stands at each URL, in each name's TXT, and who may issue. */
export interface World {
  readonly http: Map<string, string>;
  readonly txt: Map<string, string[]>;
  readonly caa: Map<string, CaaRecord[]>;
  /** Why nothing is reached; undefined: everything is. */
  down: "connection" | "dns" | "tls" | "response" | undefined;
  /** How long every answer takes. */
  slowMs: number;
  asked: number;
}

export interface AcmeHouse extends AsyncDisposable {
  readonly house: House;
  readonly deps: BoundDeps;
  readonly world: World;
  readonly fetch: Fetch;
  /** Who asks. */
  readonly peer: { address: string };
  endpoint(label: string, over?: Partial<EndpointSettings>): Promise<void>;
  client(label?: string, alg?: ClientAlgorithm): Promise<Client>;
  /** One that is registered. */
  registered(label?: string, alg?: ClientAlgorithm): Promise<Client>;
  /** Validates what was answered, until nothing is under way. */
  validate(): Promise<void>;
  /** Meets the http-01 challenges of an order and waits until they are validated. */
  prove(client: Client, order: Reply): Promise<void>;
}

/** @param change what this house has otherwise @param label of its first endpoint @param storageOf see `openHouse` */
export async function openAcmeHouse(
  change: (deps: BoundDeps) => Partial<BoundDeps> = () => ({}),
  label = "web",
  storageOf?: (clock: Clock) => Storage,
): Promise<AcmeHouse> {
  const house = await openHouse([tenant], revocationBaseUrl, storageOf);
  const world: World = { http: new Map(), txt: new Map(), caa: new Map(), down: undefined, slowMs: 0, asked: 0 };
  const own: BoundDeps = { ...house.deps, ...networkOf(world), pool: createPool(64) };
  const deps: BoundDeps = { ...own, ...change(own) };
  const server = createAcmeServer(deps);
  const validating = createValidating(deps, [1, 1]);
  const peer = { address: "192.0.2.9", certificate: undefined };
  const fetch: Fetch = async (request) => server.fetch(request, peer);
  const endpoint = (name: string, over: Partial<EndpointSettings> = {}) =>
    createEndpoint(house.deps, adminCall(tenant), name, { ...settings, ...over });
  await endpoint(label);
  const client = (name = label, alg: ClientAlgorithm = "ES256") => newClient(fetch, directoryOf(name), alg);

  async function validate(): Promise<void> {
    const waiting = () =>
      deps.log.list(tenant, "acme-authorization", { limit: 100, view: { name: "acme-validating" } });
    while ((await waiting()).items.length > 0) {
      await validating(tenant);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  return {
    house,
    deps,
    world,
    peer,
    fetch,
    endpoint,
    client,
    validate,
    async registered(name, alg) {
      const made = await client(name, alg);
      await made.register();
      return made;
    },
    async prove(asking, order) {
      for (const url of order.body["authorizations"] as string[]) {
        const { body } = await asking.post(url);
        const challenge = body["challenges"].find(({ type }: { type: string }) => type === "http-01");
        if (body["status"] !== "pending") continue;
        const host = body["identifier"].value as string;
        world.http.set(
          `http://${host.includes(":") ? `[${host}]` : host}/.well-known/acme-challenge/${challenge.token}`,
          asking.keyAuthorization(challenge.token as string),
        );
        await asking.post(challenge.url as string, {});
      }
      await validate();
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}

const networkOf = (world: World): Pick<BoundDeps, "egress" | "resolver" | "validation"> => {
  const slow = async (): Promise<void> => {
    world.asked++;
    if (world.slowMs > 0) await new Promise((resolve) => setTimeout(resolve, world.slowMs));
  };
  return {
    validation: { ports: { http: 80, tls: 443 }, caaIdentities: ["ca.example"] },
    egress: {
      async get(url) {
        await slow();
        if (world.down !== undefined) return { reached: false, why: world.down, detail: `${url}: ${world.down}` };
        const body = world.http.get(url.replace(/:80\//, "/"));
        return {
          reached: true,
          status: body === undefined ? 404 : 200,
          body: utf8(body ?? "nothing"),
          url,
          address: "192.0.2.1",
        };
      },
      send: (url) => Promise.resolve({ reached: false, why: "refused", detail: url }),
      async handshake({ host }) {
        await slow();
        return { reached: false, why: world.down ?? "tls", detail: `${host}: no TLS` };
      },
    },
    resolver: {
      addresses: () => Promise.resolve({ records: ["192.0.2.1"], exists: true }),
      async txt(name) {
        await slow();
        return { records: world.txt.get(name) ?? [], exists: world.txt.has(name) };
      },
      caa: (name) => Promise.resolve({ records: world.caa.get(name) ?? [], exists: true }),
    },
  };
};

export const errorOf = ({ body }: Reply): string => String(body["type"]).replace("urn:ietf:params:acme:error:", "");
