import { base64 } from "#shared/kernel/bytes";
import { newCsr } from "#test/in-process/house";
import type { Appended } from "../../tail.ts";
import type { TenantSpec } from "../spec.ts";
import { chosen, type Maker, ofStream, pick, refused } from "./asked.ts";

export const csr = base64(newCsr("app.example.test"));
const reasons = ["unspecified", "keyCompromise", "superseded"];

/** The issuer of the default profile is the first one that a tenant has. */
export const defaultIssuer = ({ issuers }: TenantSpec): "active" | "retired" | undefined => [...issuers.values()][0];

export function record(tenant: TenantSpec, { stream, data }: Appended, identity?: string, replaces?: string): void {
  tenant.certificates.set(stream.id, {
    issuer: String(data["issuer"]),
    shard: Number(data["shard"]),
    serial: String(data["serial"]),
    notAfter: Date.parse(String(data["not_after"])),
    identity,
    replaces,
    status: "active",
  });
}

export const issue: Maker = ({ owners, issuers }, { a, b, c }) => {
  const owner = a % 3 === 0 ? undefined : pick(owners.keys(), a);
  const issuer = b % 3 === 0 ? pick(issuers.keys(), b) : undefined;
  return {
    text: `issue for ${owner === undefined ? "nobody" : `owner ${a}`}, issuer ${issuer === undefined ? "default" : b}`,
    method: "POST",
    path: "/certificates",
    body: { csr, owner_id: owner, issuer_id: issuer, ...(c % 2 === 0 && { validity_seconds: 3_600 }) },
    signs: true,
    outcome(spec, tenant) {
      const from = issuer === undefined ? defaultIssuer(tenant) : tenant.issuers.get(issuer);
      if (from !== "active" || (owner !== undefined && !tenant.owners.has(owner))) return refused(422);
      if (spec.signer === "down") return refused(503);
      return {
        status: 201,
        event: "certificate.issued",
        shows: ofStream,
        apply(event) {
          record(tenant, event);
          if (owner !== undefined) tenant.refer(owner, 1);
        },
      };
    },
  };
};

export const revoke: Maker = (before, wish) => {
  const { a, b } = wish;
  const id = chosen(before.certificates.keys(), a);
  if (id === undefined) return issue(before, wish);
  return {
    text: `revoke certificate ${a}`,
    method: "POST",
    path: `/certificates/${id}/revoke`,
    body: { reason: pick(reasons, b) },
    publishes: true,
    outcome(_, tenant) {
      const certificate = tenant.certificates.get(id);
      if (certificate === undefined) return refused(404);
      if (certificate.status === "revoked") return refused(409);
      return {
        status: 200,
        event: "certificate.revoked",
        shows: () => id,
        apply() {
          certificate.status = "revoked";
          if (certificate.identity !== undefined) tenant.bereave(certificate.identity, id);
        },
      };
    },
  };
};
