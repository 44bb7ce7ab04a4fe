/**
 * Every event type with its current payload version (I2). An older version is brought forward step by step by its
 * upcasters when it is read; what is stored never changes. An unknown type or a newer version stops the reader: it was
 * written by a newer release, and skipping it would be a silent lie.
 */
import type { DomainEvent, EventType } from "#shared/domain/events";
import { Failure } from "#shared/kernel/failure";

export type Payload = Readonly<Record<string, unknown>>;

export interface Version {
  readonly current: number;
  /** `upcasters[0]` brings version 1 to 2, and so on; exactly `current - 1` of them. Pure. */
  readonly upcasters: readonly ((data: Payload) => Payload)[];
}

const first: Version = { current: 1, upcasters: [] };

export const catalogue = {
  "tenant.registered": first,
  "tenant.restored": first,
  "region.failover": first,
  "tenant.log-pruned": first,
  "tenant.signature-reconciled": first,
  "owner.created": first,
  "owner.updated": first,
  "owner.deleted": first,
  "issuer.created": first,
  "issuer.retired": first,
  "profile.version-created": first,
  "identity.created": first,
  "identity.issuance-failed": first,
  "identity.deployed": first,
  "identity.revoked": first,
  "identity.retired": first,
  "identity.cancelled": first,
  "certificate.issued": first,
  "certificate.revoked": first,
  "certificate.reconciled": first,
  "crl.published": first,
  "crl.delta-published": first,
  "crl-shard.opened": first,
  "crl-shard.reserved": first,
  "revocation-job.created": first,
  "revocation-job.counted": first,
  "revocation-job.advanced": first,
  "revocation-job.published": first,
  "revocation-job.handed-on": first,
  "revocation-job.cancelled": first,
  "ocsp-responder.rotated": first,
  "ra-certificate.rotated": first,
  "token.created": first,
  "token.revoked": first,
  "member.upserted": first,
  "member.offboarded": first,
  "person.signed-in": first,
  "person.stepped-up": first,
  "person.signed-out": first,
  "person.sessions-ended": first,
  "enrolment-endpoint.created": first,
  "enrolment-endpoint.updated": first,
  "enrolment-endpoint.disabled": first,
  "enrolment-credential.created": first,
  "enrolment-credential.revoked": first,
  "enrolment-credential.removed": first,
  "enrolment-request.created": first,
  "enrolment-request.refused": first,
  "enrolment-request.removed": first,
  "acme-account.created": first,
  "acme-account.updated": first,
  "acme-account.terms-agreed": first,
  "acme-account.key-changed": first,
  "acme-account.deactivated": first,
  "acme-authorization.created": first,
  "acme-authorization.attempted": first,
  "acme-authorization.validated": first,
  "acme-authorization.failed": first,
  "acme-authorization.deactivated": first,
  "acme-order.created": first,
  "acme-order.submitted": first,
  "outbox.delivered": first,
  "outbox.dead": first,
  "outbox.redriven": first,
  "circuit.reset": first,
  "projection.retried": first,
} as const satisfies Record<EventType, Version>;

export type Catalogue = Readonly<Record<string, Version>>;

/** @throws Failure `corrupt` for a type or version that this release does not know. */
export function upcast(type: string, version: number, data: Payload, known: Catalogue = catalogue): DomainEvent {
  const entry = Object.hasOwn(known, type) ? known[type] : undefined;
  const legible = typeof data === "object" && data !== null && Number.isSafeInteger(version);
  if (entry === undefined || !legible || version < 1 || version > entry.current) {
    throw new Failure(
      "corrupt",
      `event ${type} version ${version} is unknown to this release; start the release that wrote it`,
    );
  }
  const current = entry.upcasters.slice(version - 1).reduce((payload, step) => step(payload), data);
  return { type, data: current } as DomainEvent;
}
