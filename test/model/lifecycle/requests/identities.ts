import { allowed, type IdentitySpec, type Spec, type Target, targets, type TenantSpec } from "../spec.ts";
import { chosen, type Maker, ofStream, type Outcome, pick, refused } from "./asked.ts";
import { csr, defaultIssuer, record } from "./certificates.ts";
import { createOwner } from "./owners.ts";

/** A few with long lives say more than many that have just begun. */
const maxIdentities = 4;

export const createIdentity: Maker = (before, wish) => {
  const { a } = wish;
  const owner = chosen(before.owners.keys(), a);
  if (owner === undefined) return createOwner(before, wish);
  if (before.identities.size >= maxIdentities) return moveIdentity(before, wish);
  return {
    text: `create identity of owner ${a}`,
    method: "POST",
    path: "/identities",
    body: { name: "app.example.test", owner_id: owner },
    outcome(_, tenant) {
      if (!tenant.owners.has(owner)) return refused(422);
      return {
        status: 201,
        event: "identity.created",
        apply({ stream }) {
          const identity: IdentitySpec = {
            owner,
            status: "requested",
            retry: undefined,
            certificate: undefined,
            live: [],
          };
          tenant.identities.set(stream.id, identity);
          tenant.refer(owner, 1);
        },
        shows: ofStream,
      };
    },
  };
};

/** Mostly along an edge that there is, and more often than not the one that leads on. */
export const moveIdentity: Maker = (before, wish) => {
  const { a, b, c } = wish;
  const id = chosen(before.identities.keys(), a);
  if (id === undefined) return createIdentity(before, wish);
  const identity = before.identities.get(id);
  const ways = identity === undefined || c > 8 ? [] : allowed(identity);
  const to = pick(ways.length > 0 ? ways : targets, b > 3 ? 0 : b) as Target;
  const mints = to === "issued" || to === "renewing";
  return {
    text: `move identity ${a} to ${to}`,
    method: "POST",
    path: `/identities/${id}/transitions`,
    body: { to, ...(mints && (c % 2 === 0 ? { csr } : { generate_key: true })) },
    ...(mints && { signs: true }),
    ...(to === "revoked" && { publishes: true }),
    outcome(spec, tenant) {
      const now = tenant.identities.get(id);
      if (now === undefined) return refused(404);
      if (!allowed(now).includes(to)) return refused(409);
      return mints ? mint(spec, tenant, id, now, to) : plain(tenant, id, now, to);
    },
  };
};

function plain(tenant: TenantSpec, id: string, identity: IdentitySpec, to: Target): Outcome {
  return {
    status: 200,
    event: `identity.${to}`,
    shows: () => id,
    apply() {
      Object.assign(identity, { status: to, retry: undefined });
      if (to === "retired" || to === "cancelled") tenant.refer(identity.owner, -1);
      if (to !== "revoked") return;
      for (const one of identity.live) Object.assign(tenant.certificates.get(one) ?? {}, { status: "revoked" });
      identity.live = [];
    },
  };
}

function mint(spec: Spec, tenant: TenantSpec, id: string, identity: IdentitySpec, to: "issued" | "renewing"): Outcome {
  if (defaultIssuer(tenant) !== "active") return refused(422);
  if (spec.signer === "down")
    return {
      status: 503,
      event: "identity.issuance-failed",
      apply: () => void Object.assign(identity, { status: "failed", retry: to }),
    };
  const last = identity.certificate === undefined ? undefined : tenant.certificates.get(identity.certificate);
  const replaces = to === "renewing" && last?.status === "active" ? identity.certificate : undefined;
  return {
    status: 200,
    event: "certificate.issued",
    shows: () => id,
    apply(event) {
      record(tenant, event, id, replaces);
      if (replaces !== undefined) Object.assign(last ?? {}, { status: "superseded" });
      const time = Date.parse(event.time);
      identity.live = identity.live.filter((one) => (tenant.certificates.get(one)?.notAfter ?? 0) > time);
      identity.live.push(event.stream.id);
      Object.assign(identity, { status: to, retry: undefined, certificate: event.stream.id });
    },
  };
}
