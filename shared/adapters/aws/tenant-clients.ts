/** SDK clients, one for each tenant, whose requests are signed with that tenant's credentials. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import { createLru } from "./lru.ts";
import { maxTenants, type SessionCredentials, type TenantCredentials } from "./tenant-credentials.ts";

type TenantClient = DynamoDBClient | S3Client;
type Handler = DynamoDBClient["config"]["requestHandler"];
type LentHandler = Required<Pick<Handler, "handle" | "destroy">>;

/** What `open` builds a client with, beside its own options. */
export interface ClientIdentity {
  readonly credentials: () => Promise<SessionCredentials>;
  readonly requestHandler?: LentHandler;
}

export interface TenantClients<C> {
  /** For the moment of one call: the next may get another. */
  clientOf(tenant: string): C;
  close(): void;
}

/** @param open such as `dynamoClient`, or `(identity) => new S3Client(identity)` */
export function tenantClients<C extends TenantClient>(
  credentials: TenantCredentials,
  open: (identity: ClientIdentity) => C,
): TenantClients<C> {
  /** Holds the connections of all: each request bears its own signature, so they carry no identity. Sends nothing itself. */
  const pool = open({
    credentials: async () => {
      throw new TypeError("a client without a tenant sends nothing");
    },
  });
  const requestHandler = lent(pool.config.requestHandler);
  const clients = createLru<C>(maxTenants, (client) => client.destroy());

  function create(tenant: string): C {
    const provider = () => credentials.of(tenant);
    // Otherwise the SDK would keep what it got, until five minutes before a moment that only STS's clock knows.
    const client = open({ credentials: Object.assign(provider, { memoized: true }), requestHandler });
    (client as DynamoDBClient).middlewareStack.add(
      (next) => async (args) => {
        const used = await credentials.of(tenant);
        try {
          return await next(args);
        } catch (error) {
          // What was refused was not done: it may be sent again.
          if (!credentials.refused(tenant, used, error)) throw error;
          return await next(args);
        }
      },
      { step: "initialize", name: "renewRefusedCredentials", priority: "high" },
    );
    return client;
  }

  return {
    clientOf: (tenant) => clients.ensure(tenant, () => create(tenant)),
    close() {
      clients.clear();
      pool.destroy();
    },
  };
}

/** A client that leaves while another caller's request is under way must not take the connection with it. */
const lent = (handler: Handler): LentHandler => ({
  handle: (request, options) => handler.handle(request, options),
  destroy: () => undefined,
});
