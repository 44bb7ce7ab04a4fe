/** Permissions and built-in roles (behaviour §6). A scope of a token is one of these permissions, or `*`. */

export const permissions = [
  "owners:read",
  "owners:write",
  "issuers:read",
  "issuers:write",
  "identities:read",
  "identities:write",
  "certs:read",
  "certs:write",
  "certs:request",
  "certs:issue",
  "profiles:read",
  "profiles:write",
  "enrolment:read",
  "enrolment:write",
  "audit:read",
  "audit:write",
  "access:read",
  "access:write",
  "access:role.assign",
  "access:own",
  "outbox:read",
  "outbox:write",
  "secrets:read",
  "secrets:write",
  "agents:heartbeat",
  "agents:job.poll",
  "agents:job.complete",
  "agents:job.report",
  "discovery:write",
] as const;

export type Permission = (typeof permissions)[number];

/** Everything, now and later. */
export const anyPermission = "*";
export type Scope = Permission | typeof anyPermission;

/** Who holds one of these can issue, hand on what they hold, read secrets, or take out of the log. */
export const powerfulScopes = [
  anyPermission,
  "certs:issue",
  "issuers:write",
  "enrolment:write",
  "access:write",
  "access:role.assign",
  "audit:write",
  "secrets:read",
] as const satisfies readonly Scope[];

export const roleNames = ["admin", "operator", "viewer", "auditor", "ra-officer", "agent", "mcp", "cli"] as const;
export type RoleName = (typeof roleNames)[number];

// No role but admin issues: who runs the system and who grants certificates are different people (RA split).
const operator = permissions.filter(
  (permission) => permission !== "audit:read" && permission !== "certs:issue" && permission !== "secrets:read",
);
const reads = permissions.filter((permission) => permission.endsWith(":read") && permission !== "secrets:read");
/** What every role for people holds: to see and end one's own sessions. */
const own = "access:own";

export const roles = {
  admin: [anyPermission],
  operator,
  viewer: [...reads.filter((permission) => permission !== "audit:read"), own],
  auditor: ["audit:read", own],
  "ra-officer": [
    "profiles:read",
    "profiles:write",
    "enrolment:read",
    "enrolment:write",
    "certs:read",
    "certs:request",
    own,
  ],
  agent: [
    "certs:read",
    "agents:heartbeat",
    "agents:job.poll",
    "agents:job.complete",
    "agents:job.report",
    "discovery:write",
  ],
  mcp: [...reads, "discovery:write", "certs:request"],
  cli: [...operator.filter((permission) => permission !== "access:role.assign"), "audit:read"],
} as const satisfies Record<RoleName, readonly Scope[]>;

/** True when `held` covers `wanted`. */
export const covers = (held: readonly string[], wanted: string): boolean =>
  held.includes(anyPermission) || held.includes(wanted);
