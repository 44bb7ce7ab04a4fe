/** For every operation a request that its schemas accept. */
import { operations, type OperationId } from "#shared/contracts/operations";
import { utf8 } from "#shared/kernel/bytes";

const id = "0190a0b0-0000-7000-8000-000000000001";

const bodies: Partial<Record<OperationId, object>> = {
  "owners.create": { kind: "team", name: "platform", email: "platform@example.test" },
  "owners.update": { kind: "service", name: "platform" },
  "issuers.create": { name: "CA", key_algorithm: "P-384", validity_days: 30, permitted_dns: ["example.test"] },
  "identities.create": { name: "app", owner_id: id, attributes: { a: [1] }, dns_names: ["app.example.test"] },
  "identities.transition": { to: "issued", generate_key: true },
  "certificates.issue": { csr: "MAA=", profile: "web@1", issuer_id: id, validity_seconds: 3600, owner_id: id },
  "certificates.revoke": { reason: "superseded" },
  "profiles.create": { name: "web", spec: { allowed_dns_suffixes: ["example.test"] } },
  "access.create-token": { subject: "robot", scopes: ["owners:read"], expires_at: "2027-01-01T00:00:00Z" },
  "access.put-member": { roles: ["viewer"], email: "a@example.test", display_name: "A" },
  "access.offboard-member": { reason: "left" },
};

const values: Readonly<Record<string, string>> = { version: "1", subject: "somebody", name: "web" };

/** A path with its parameters filled in. */
export const fill = (path: string): string => path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? id);

export const requestSeeds = (): Uint8Array[] =>
  operations.map((operation) => {
    const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
    const params = Object.fromEntries(names.map((name) => [name, values[name] ?? id]));
    const query = operation.query === undefined ? {} : { limit: "7" };
    return utf8(JSON.stringify({ operation: operation.id, params, query, body: bodies[operation.id] ?? {} }));
  });
