import { beforeAll, describe, expect, it } from "vitest";
import { type Answer, type Client, eventually, type Host, type Json, startHost } from "./host.ts";
import { newCsr } from "./openssl.ts";

let host: Host;
let csr: string;
beforeAll(async () => {
  host = await startHost();
  csr = await newCsr(host.directory, "leaf", "app.example.test");
  return () => host.stop();
});

const mint = (client: Client, body: { subject?: string; scopes: string[]; expires_at?: string }): Promise<Answer> =>
  client.send("POST", "/access/api-tokens", { body: { subject: "robot", ...body } });

interface Holder extends Client {
  /** Of the token. */
  readonly id: string;
  readonly subject: string;
}

async function tokenWith(scopes: string[], subject = "robot"): Promise<Holder> {
  const { status, json, text } = await mint(host.admin, { subject, scopes });
  if (status !== 201) throw new Error(text);
  return { ...host.as(json.token), id: json.id, subject };
}

let members = 0;
/** A member with these roles, and a token of theirs with everything that the roles leave of it. */
async function memberWith(roles: string[], scopes = ["*"]): Promise<Holder> {
  const subject = `member-${++members}`;
  await host.admin.ok("PUT", `/access/members/${subject}`, { roles });
  return tokenWith(scopes, subject);
}

const newOwner = (client: Client): Promise<Answer> =>
  client.send("POST", "/owners", { body: { kind: "team", name: "platform" } });
const issue = (client: Client): Promise<Answer> => client.send("POST", "/certificates", { body: { csr } });

describe("a token", () => {
  it("holds no more than its minter: 403 naming what is missing, and nothing is made", async () => {
    const minter = await tokenWith(["access:write", "access:read", "owners:read"]);
    const before = (await minter.ok("GET", "/access/api-tokens?limit=100")).items.length;
    for (const [scopes, missing] of [
      [["certs:issue"], ["certs:issue"]],
      [["*"], ["*"]],
      [
        ["owners:read", "owners:write", "secrets:read"],
        ["owners:write", "secrets:read"],
      ],
    ] as const) {
      const { status, json } = await mint(minter, { scopes: [...scopes] });
      expect([status, json.code, json.field, json.missing]).toEqual([403, "forbidden", "scopes", missing]);
    }
    expect((await minter.ok("GET", "/access/api-tokens?limit=100")).items).toHaveLength(before);
    expect((await mint(minter, { scopes: ["owners:read"] })).status).toBe(201);
  });

  it("is shown once, and its listing has neither it nor its hash", async () => {
    const { json } = await mint(host.admin, { scopes: ["owners:read"] });
    const [, routing, secret] = /^trst_([a-z2-7]{16})_(.{43})$/.exec(json.token) as unknown as [string, string, string];
    const list = await host.admin.send("GET", "/access/api-tokens?limit=100");
    expect(list.json.items.map(({ id }: Json) => id)).toContain(json.id);
    for (const text of [secret, routing, "sha256"]) expect(list.text).not.toContain(text);
    const events = await host.admin.send("GET", "/audit/events?limit=100");
    expect(events.text).not.toContain(secret);
  });

  it.each([
    [{ scopes: [] }, 400, "scopes"],
    [{ scopes: [""] }, 400, "scopes.0"],
    [{ scopes: ["certs:everything"] }, 400, "scopes.0"],
    [{ scopes: ["owners:read"], subject: "" }, 400, "subject"],
    [{ scopes: ["owners:read"], subject: "a b" }, 400, "subject"],
    [{ scopes: ["owners:read"], expires_at: "2020-01-01T00:00:00Z" }, 400, "expires_at"],
    [{ scopes: ["owners:read"], expires_at: "tomorrow" }, 400, "expires_at"],
  ])("is refused for %j", async (body, status, field) => {
    const answer = await mint(host.admin, body);
    expect([answer.status, answer.json.field]).toEqual([status, field]);
  });

  it("opens nothing from the moment that it is revoked", async () => {
    const client = await tokenWith(["owners:read"]);
    expect((await client.send("GET", "/owners")).status).toBe(200);
    expect((await host.admin.send("DELETE", `/access/api-tokens/${client.id}`)).status).toBe(204);
    expect((await client.send("GET", "/owners")).status).toBe(401);
    expect((await host.admin.send("DELETE", `/access/api-tokens/${client.id}`)).status).toBe(409);
  });

  it("opens nothing once it has expired", async () => {
    const expires_at = new Date(Date.now() + 1500).toISOString();
    const { json } = await mint(host.admin, { scopes: ["owners:read"], expires_at });
    const client = host.as(json.token);
    await eventually("its end", async () => ((await client.send("GET", "/owners")).status === 401 ? true : undefined));
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expires_at));
  });
});

describe("roles", () => {
  it("grant what they promise: only admin issues, viewers read no secrets, only auditors and admins see the audit trail", async () => {
    const { items } = await host.admin.ok("GET", "/access/roles");
    const granted = Object.fromEntries(items.map(({ name, permissions }: Json) => [name, permissions]));
    expect(granted.admin).toEqual(["*"]);
    for (const role of Object.keys(granted).filter((name) => name !== "admin")) {
      expect(granted[role], role).not.toContain("*");
      expect(granted[role], role).not.toContain("certs:issue");
      expect(granted[role], role).not.toContain("secrets:read");
    }
    expect(granted.operator).not.toContain("audit:read");
    expect(granted.auditor).toEqual(["audit:read", "access:own"]);
    // One's own sessions are everybody's to end.
    expect(granted.viewer.filter((permission: string) => !permission.endsWith(":read"))).toEqual(["access:own"]);
    expect(granted.viewer).not.toContain("audit:read");
    const officer = [
      "access:own",
      "certs:read",
      "certs:request",
      "enrolment:read",
      "enrolment:write",
      "profiles:read",
      "profiles:write",
    ];
    expect(granted["ra-officer"].sort()).toEqual(officer);
    expect(granted.cli).not.toContain("access:role.assign");
  });

  it("keep an operator from issuing and revoking, and from handing out what they do not hold", async () => {
    const operator = await memberWith(["operator"]);
    expect((await newOwner(operator)).status).toBe(201);
    expect((await issue(operator)).json).toMatchObject({ status: 403, missing: ["certs:issue"] });
    const owner_id = (await newOwner(operator)).json.id;
    const { id } = await operator.ok("POST", "/identities", { name: "x.example.test", owner_id });
    const transition = { body: { to: "issued", generate_key: true } };
    expect((await operator.send("POST", `/identities/${id}/transitions`, transition)).status).toBe(403);
    expect((await host.admin.ok("GET", `/identities/${id}`)).status).toBe("requested");
    const certificate = (await issue(host.admin)).json;
    const revoke = { body: { reason: "superseded" } };
    expect((await operator.send("POST", `/certificates/${certificate.id}/revoke`, revoke)).status).toBe(403);
    expect((await mint(operator, { scopes: ["certs:issue"] })).json.missing).toEqual(["certs:issue"]);
    expect((await mint(operator, { scopes: ["secrets:read"] })).json.missing).toEqual(["secrets:read"]);
    expect((await operator.send("GET", "/audit/events")).json.missing).toEqual(["audit:read"]);
  });

  it("and scopes both count: a token has what is in both", async () => {
    const viewer = await memberWith(["viewer"], ["owners:read", "owners:write", "audit:read"]);
    expect((await viewer.send("GET", "/owners")).status).toBe(200);
    expect((await newOwner(viewer)).json.missing).toEqual(["owners:write"]);
    expect((await viewer.send("GET", "/audit/events")).json.missing).toEqual(["audit:read"]);
    const narrow = await memberWith(["admin"], ["owners:read"]);
    expect((await newOwner(narrow)).json.missing).toEqual(["owners:write"]);
    const nothing = await memberWith([]);
    expect((await nothing.send("GET", "/owners")).status).toBe(403);
  });

  it("are given by who may assign them and holds all that they grant", async () => {
    const put = (client: Client, roles: string[]): Promise<Answer> =>
      client.send("PUT", "/access/members/newcomer", { body: { roles } });
    const writer = await tokenWith(["access:read", "access:write"]);
    expect((await put(writer, ["viewer"])).json).toMatchObject({ status: 403, missing: ["access:role.assign"] });
    const assigner = await tokenWith(["access:role.assign", "audit:read", "access:own"]);
    expect((await put(assigner, ["auditor"])).status).toBe(200);
    expect((await put(assigner, ["admin"])).json).toMatchObject({ status: 403, field: "roles" });
    expect((await put(assigner, ["auditor", "viewer"])).json).toMatchObject({ status: 403, field: "roles" });
    expect((await put(host.admin, ["sovereign"])).json).toMatchObject({ status: 400, field: "roles.0" });
  });

  it("are taken away at once", async () => {
    const member = await memberWith(["admin"]);
    expect((await issue(member)).status).toBe(201);
    await host.admin.ok("PUT", `/access/members/${member.subject}`, { roles: ["viewer"] });
    expect((await issue(member)).status).toBe(403);
    expect((await member.send("GET", "/owners")).status).toBe(200);
    await host.admin.ok("POST", `/access/members/${member.subject}/offboard`, { reason: "left" });
    expect((await member.send("GET", "/owners")).status).toBe(401);
    expect((await mint(host.admin, { subject: member.subject, scopes: ["owners:read"] })).status).toBe(422);
  });

  it("given again do not bring the tokens from before back", async () => {
    const member = await memberWith(["admin"]);
    await host.admin.ok("POST", `/access/members/${member.subject}/offboard`, { reason: "left" });
    await host.admin.ok("PUT", `/access/members/${member.subject}`, { roles: ["admin"] });
    expect((await member.send("GET", "/owners")).status).toBe(401);
    const fresh = await tokenWith(["owners:read"], member.subject);
    expect((await fresh.send("GET", "/owners")).status).toBe(200);
  });
});

describe("the first token of a tenant", () => {
  it("is made on the host only, and without the right to issue", async () => {
    const client = host.as(await host.token({ tenant: "fresh" }));
    expect((await newOwner(client)).status).toBe(201);
    expect((await issue(client)).json).toMatchObject({ status: 403, missing: ["certs:issue"] });
    expect((await mint(client, { scopes: ["certs:issue"] })).status).toBe(403);
  });

  it.each([
    [{}, "tenant"],
    [{ tenant: "Upper" }, "tenant"],
    [{ tenant: "a#b" }, "tenant"],
    [{ tenant: "../x" }, "tenant"],
    [{ tenant: "x", scopes: ["nothing"] }, "scopes.0"],
    [{ tenant: "x", unknown: 1 }, "unknown"],
  ])("is refused for %j, and no tenant is made", async (body, field) => {
    const before = (await host.socket("GET", "/admin/tenants")).json;
    const answer = await host.socket("POST", "/admin/tokens", body);
    expect([answer.status, answer.json.field], answer.text).toEqual([400, field]);
    expect((await host.socket("GET", "/admin/tenants")).json).toEqual(before);
  });
});

describe("the rate limit", () => {
  it("stops the tenant that asks too much, says for how long, and serves the others", async () => {
    const small = await startHost({ settings: { TRSTCTL_RATE_BURST: "20", TRSTCTL_RATE_PER_MINUTE: "1" } });
    const other = small.as(await small.token({ tenant: "other", scopes: ["*"] }));
    const answers = await Promise.all(Array.from({ length: 40 }, () => small.admin.send("GET", "/owners")));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(20);
    for (const { json, headers } of refused) {
      expect(json).toMatchObject({ status: 429, code: "rate_limited" });
      expect(Number(headers["retry-after"])).toBeGreaterThan(0);
    }
    expect((await other.send("GET", "/owners")).status).toBe(200);
    expect((await small.as(undefined).send("GET", "/owners")).status).toBe(401);
    expect((await small.as(undefined).send("GET", "//readyz")).status).toBe(200);
    expect(await small.interrupt()).toBe(0);
  });
});
