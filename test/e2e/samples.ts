/** For every operation something to call it on and a body that it accepts. */
import { randomUUID } from "node:crypto";
import type { Operation } from "#shared/contracts/operation";
import type { OperationId } from "#shared/contracts/operations";
import type { Client, Host, Json } from "./host.ts";

export type Params = Readonly<Record<string, string>>;

export const owner = (client: Client): Promise<Json> =>
  client.ok("POST", "/owners", { kind: "team", name: "somebody" });
const identity = async (client: Client): Promise<Json> =>
  client.ok("POST", "/identities", { name: "app.example.test", owner_id: (await owner(client)).id });
const idOf = ({ id }: Json): Params => ({ id });

export interface Samples {
  /** An object behind the path parameters, made in the tenant of `client`; undefined: nobody said how. */
  paramsFor(operation: Operation): ((client: Client) => Promise<Params>) | undefined;
  /** Undefined where the operation has no body. */
  bodyFor(id: OperationId, client: Client): Promise<object | undefined>;
}

/** Two CAs of one name are refused: a relying party could not tell them apart. */
const newName = (): string => `CA ${randomUUID()}`;

const newLabel = (): string => `e-${randomUUID()}`;
/** A client asks by EST for what somebody must approve. @param csr PEM @returns the request's id */
async function waiting(client: Client, csr: string): Promise<string> {
  const label = newLabel();
  await client.ok("POST", "/enrolment-endpoints", { label, approval: "manual" });
  const { id, secret } = await client.ok("POST", "/enrolment-credentials", { endpoint: label });
  const answer = await client.send("POST", `//.well-known/est/${label}/simpleenroll`, {
    raw: csr.replaceAll(/-----[^-]+-----/g, ""),
    headers: {
      "content-type": "application/pkcs10",
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
    },
  });
  if (answer.status !== 202) throw new Error(`EST answered ${answer.status} ${answer.text}`);
  const { items } = await client.ok("GET", "/enrolment-requests?limit=100");
  return items.find((item: Json) => item.endpoint === label).id;
}

const endpoint = async (client: Client): Promise<string> =>
  (await client.ok("POST", "/enrolment-endpoints", { label: newLabel() })).label;

/** Somebody signs in by a link. @returns the session's id */
export async function signedInSession(host: Host, tenant: string, subject: string): Promise<string> {
  const { json } = await host.socket("POST", "/admin/sign-in-links", { tenant, subject });
  const secret = String(json.url).split("#sign-in=")[1];
  const { headers, text } = await host.as(undefined).send("POST", "//auth/local", { body: { secret } });
  const [, id] = /=[^.]+\.([0-9a-f-]{36})\./.exec(headers["set-cookie"]?.[0] ?? "") ?? [];
  if (id === undefined) throw new Error(`nobody signed in: ${text}`);
  return id;
}

/** @param csr what certificates are asked for with @param signIn opens a session of the client's own subject */
export function samplesFor(csr: string, signIn: (client: Client) => Promise<string>): Samples {
  /** By what stands before the first parameter. */
  const factories: Readonly<Record<string, (client: Client) => Promise<Params>>> = {
    "/owners": async (client) => idOf(await owner(client)),
    "/issuers": async (client) => idOf(await client.ok("POST", "/issuers", { name: newName() })),
    "/identities": async (client) => idOf(await identity(client)),
    "/certificates": async (client) => {
      const issued = await client.ok("POST", "/certificates", { csr });
      await client.ok("POST", "/audit/checkpoints", {}); // its inclusion is proved by a checkpoint that covers it
      return idOf(issued);
    },
    "/profiles": async (client) => {
      const { name, version } = await client.ok("POST", "/profiles", { name: `p-${randomUUID()}` });
      return { name, version: String(version) };
    },
    // An address that nobody may reach: no test asks the world for a name.
    "/enrolment-endpoints": async (client) => ({ label: await endpoint(client), name: "192.0.2.1" }),
    "/enrolment-credentials": async (client) =>
      idOf(await client.ok("POST", "/enrolment-credentials", { endpoint: await endpoint(client) })),
    "/enrolment-requests": async (client) => idOf({ id: await waiting(client, csr) }),
    "/access/api-tokens": async (client) =>
      idOf(await client.ok("POST", "/access/api-tokens", { subject: "somebody", scopes: ["owners:read"] })),
    "/access/members": async (client) => {
      const subject = `m-${randomUUID()}`;
      await client.ok("PUT", `/access/members/${subject}`, { roles: ["viewer"] });
      return { subject };
    },
    "/sessions": async (client) => idOf({ id: await signIn(client) }),
    "/own/sessions": async (client) => idOf({ id: await signIn(client) }),
    "/revocations": async (client) => idOf(await client.ok("POST", "/revocations", { all: true })),
    "/projections": () => Promise.resolve({ name: "certificates" }),
    "/circuits": () => Promise.resolve({ destination: "crl.publish" }),
    "/outbox": async (client) => idOf((await client.ok("GET", "/outbox?limit=1")).items[0]),
  };
  const bodies: Partial<Record<OperationId, (client: Client) => Promise<object> | object>> = {
    "owners.create": () => ({ kind: "team", name: "platform", email: "platform@example.test" }),
    "owners.update": () => ({ kind: "service", name: "platform" }),
    "issuers.create": () => ({ name: newName(), permitted_dns: ["example.test"] }),
    "identities.create": async (client) => ({
      name: "app",
      owner_id: (await owner(client)).id,
      attributes: { a: [1] },
    }),
    "identities.transition": () => ({ to: "issued", generate_key: true }),
    "certificates.issue": () => ({ csr }),
    "certificates.revoke": () => ({ reason: "superseded" }),
    "revocations.create": () => ({ mode: "preview", reason: "superseded", all: true }),
    "profiles.create": () => ({ name: "web", spec: { allowed_dns_suffixes: ["example.test"] } }),
    "enrolment-endpoints.create": () => ({ label: newLabel(), approval: "manual" }),
    "enrolment-endpoints.update": () => ({ protocols: [], auth: ["secret", "certificate"] }),
    "enrolment-credentials.create": async (client) => ({ endpoint: await endpoint(client), names: ["a.example.test"] }),
    "enrolment-requests.refuse": () => ({ reason: "not one of ours" }),
    "access.create-token": () => ({ subject: "robot", scopes: ["owners:read"] }),
    "audit.prune": () => ({ size: 1, archive: "nowhere", digest: "0".repeat(64) }),
    "outbox.redrive-all": () => ({ destination: "crl.publish" }),
    "sessions.end-all": async (client) => {
      await signIn(client);
      return { subject: (await client.ok("GET", "/own/sessions")).items[0].subject };
    },
    "access.put-member": () => ({ roles: ["viewer"], email: "a@example.test" }),
    "access.offboard-member": () => ({ reason: "left" }),
  };
  return {
    paramsFor: ({ path }) => (path.includes("{") ? factories[path.slice(0, path.indexOf("/{"))] : async () => ({})),
    bodyFor: async (id, client) => bodies[id]?.(client),
  };
}

/**
 * Only what was dead can be driven again, only what is in work be stopped, and nothing that was just made is old enough to
 * be pruned (see audit.test.ts): there is no success to show for sure.
 */
export const noSuccess: ReadonlySet<OperationId> = new Set([
  "outbox.redrive",
  "outbox.redrive-all",
  "revocations.cancel",
  "audit.prune",
]);

export const fill = (path: string, params: Params): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? `no ${name}`));
