/** A host as it looks after some months of work: what pages are judged by, whose lists are neither empty nor tidy. */
import type { Host, Json } from "#test/e2e/host";
import { newCsr } from "./requests.ts";

const day = 86_400;
const services = ["shop", "login", "billing", "search", "mail", "wiki", "grafana", "registry", "vpn", "edge"] as const;
const places = ["example.com", "staging.example.com", "berlin.example.net", "internal.example.org"] as const;
const longName = "the-quarterly-reconciliation-batch-of-the-accounting-department.emea.internal.example.org";

export interface Realistic {
  readonly owner: string;
  readonly identity: string;
  readonly certificate: string;
  readonly issuer: string;
}

/** @param certificates about how many there shall be */
export async function fill({ admin, as }: Host, certificates = 120): Promise<Realistic> {
  const owners = await Promise.all(
    [
      ["team", "Platform", "platform@example.com"],
      ["team", "Payments and accounting, Europe, Middle East and Africa", "payments-emea@example.com"],
      ["user", "Ada Lovelace", "ada@example.com"],
      ["service", "nightly-backup", undefined],
    ].map(([kind, name, email]) => admin.ok("POST", "/owners", { kind, name, ...(email !== undefined && { email }) })),
  );
  const owner = (n: number): string => owners[n % owners.length]?.id;
  const shopCa = await admin.ok("POST", "/issuers", { name: "Shop CA 2026", permitted_dns: ["example.com"] });
  const oldCa = await admin.ok("POST", "/issuers", { name: "Devices CA of 2024", key_algorithm: "P-384" });
  await admin.ok("POST", `/issuers/${oldCa.id}/retire`);
  const profiles: readonly (readonly [string, object])[] = [
    ["web", { allowed_dns_suffixes: ["example.com", "example.net", "example.org"] }],
    [
      "web",
      {
        allowed_dns_suffixes: ["example.com", "example.net", "example.org"],
        allow_wildcards: false,
        default_validity_seconds: 14 * day,
        extended_key_usages: ["serverAuth"],
      },
    ],
    ["shop", { issuer_id: shopCa.id, allowed_dns_suffixes: ["example.com"], max_validity_seconds: 47 * day }],
    ["devices", { extended_key_usages: ["clientAuth"], allowed_key_algorithms: ["P-256", "ML-DSA-65"] }],
  ];
  for (const [name, spec] of profiles) await admin.ok("POST", "/profiles", { name, spec });
  const issued = await issueSome(admin.ok, certificates, owner);
  for (const [at, id] of issued.filter((_, n) => n % 9 === 4).entries())
    await admin.ok("POST", `/certificates/${id}/revoke`, { reason: at % 2 === 0 ? "superseded" : "keyCompromise" });
  const identity = await identities(admin.ok, owner);
  await endpoints(admin.ok, as(undefined).send);
  await access(admin.ok);
  return { owner: owner(0), identity, certificate: issued[0] ?? "", issuer: shopCa.id };
}

type Ok = Host["admin"]["ok"];

async function issueSome(ok: Ok, count: number, owner: (n: number) => string): Promise<string[]> {
  const issued: string[] = [];
  const issue = async (csr: string, validity_seconds: number, more: object): Promise<void> => {
    issued.push((await ok("POST", "/certificates", { csr, validity_seconds, ...more })).id);
  };
  await issue(newCsr(longName, `www.${longName}`, "accounting.example.org"), 21 * day, { owner_id: owner(1) });
  for (let n = 0; n < count; n++) {
    const name = `${services[n % services.length]}-${String(Math.floor(n / 10)).padStart(2, "0")}.${places[n % 3]}`;
    // Two minutes: expired before anybody looks closely.
    const seconds = n % 17 === 3 ? 120 : ((n * 7) % 88) * day + 3_600 + day;
    const profile = n % 4 === 1 && n % 3 === 0 ? "shop" : n % 2 === 0 ? "web" : "default";
    const validity = profile === "shop" ? Math.min(seconds, 40 * day) : seconds;
    await issue(newCsr(name), validity, { profile, ...(n % 3 !== 0 && { owner_id: owner(n) }) });
  }
  return issued;
}

/** One in each state that a person can bring one to. @returns one that is deployed */
async function identities(ok: Ok, owner: (n: number) => string): Promise<string> {
  const create = async (name: string): Promise<string> =>
    (await ok("POST", "/identities", { name, owner_id: owner(name.length), dns_names: [`${name}.example.com`] })).id;
  const go = async (id: string, ...states: string[]): Promise<string> => {
    for (const to of states)
      await ok("POST", `/identities/${id}/transitions`, {
        to,
        ...((to === "issued" || to === "renewing") && { generate_key: true }),
      });
    return id;
  };
  await create("new-service");
  await go(await create("payments-gateway"), "issued");
  const deployed = await go(await create("storefront"), "issued", "deployed", "renewing", "deployed");
  await go(await create("catalogue"), "issued", "deployed", "renewing");
  await go(await create("old-shop"), "issued", "deployed", "revoked");
  await go(await create("prototype"), "cancelled");
  await go(await create("mainframe"), "issued", "deployed", "revoked", "retired");
  return deployed;
}

/** One for each purpose, and requests that wait at the one where a person decides. */
async function endpoints(ok: Ok, send: Host["admin"]["send"]): Promise<void> {
  await ok("POST", "/enrolment-endpoints", { label: "web-servers", protocols: ["acme"], profile: "web" });
  await ok("POST", "/enrolment-endpoints", {
    label: "network-devices",
    protocols: ["scep", "cmp"],
    profile: "devices",
  });
  await ok("POST", "/enrolment-endpoints", { label: "lobby", protocols: ["est"], approval: "manual" });
  const ask = async (name: string): Promise<Json> => {
    const { id, secret } = await ok("POST", "/enrolment-credentials", { endpoint: "lobby" });
    await send("POST", "//.well-known/est/lobby/simpleenroll", {
      raw: newCsr(name).replaceAll(/-----[^-]+-----|\s/g, ""),
      key: null,
      headers: {
        authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
        "content-type": "application/pkcs10",
        "content-transfer-encoding": "base64",
      },
    });
  };
  for (const name of ["badge-reader-01.example.com", "badge-reader-02.example.com", longName]) await ask(name);
  await ok("POST", "/enrolment-credentials", { endpoint: "network-devices", names: ["switch-7.example.net"] });
}

async function access(ok: Ok): Promise<void> {
  const { items: roles } = await ok("GET", "/access/roles");
  for (const [n, { name, permissions }] of roles.entries()) {
    await ok("PUT", `/access/members/${name}%40example.com`, { display_name: `Somebody ${n}`, roles: [name] });
    await ok("POST", "/access/api-tokens", {
      subject: `robot-of-${name}`,
      scopes: permissions,
      ...(n % 2 === 0 && { expires_at: new Date(Date.now() + (n + 1) * 20 * day * 1000).toISOString() }),
    });
  }
}
