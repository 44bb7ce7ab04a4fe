import type { AcmeAccountEvent } from "./acme-account/acme-account.ts";
import type { AcmeAuthorizationEvent } from "./acme-authorization/acme-authorization.ts";
import type { AcmeOrderEvent } from "./acme-order/acme-order.ts";
import type { CertificateEvent } from "./certificate/certificate.ts";
import type { CrlEvent } from "./crl/crl.ts";
import type { CrlShardEvent } from "./crl-shard/crl-shard.ts";
import type { EnrolmentCredentialEvent } from "./enrolment-credential/enrolment-credential.ts";
import type { EnrolmentEndpointEvent } from "./enrolment-endpoint/enrolment-endpoint.ts";
import type { EnrolmentRequestEvent } from "./enrolment-request/enrolment-request.ts";
import type { IdentityEvent } from "./identity/identity.ts";
import type { InterventionEvent } from "./intervention/intervention.ts";
import type { IssuerEvent } from "./issuer/issuer.ts";
import type { MemberEvent } from "./member/member.ts";
import type { OcspResponderEvent } from "./ocsp-responder/ocsp-responder.ts";
import type { OutboxEvent } from "./outbox/outbox.ts";
import type { OwnerEvent } from "./owner/owner.ts";
import type { PersonEvent } from "./person/person.ts";
import type { ProfileEvent } from "./profile/profile.ts";
import type { RaCertificateEvent } from "./ra-certificate/ra-certificate.ts";
import type { RevocationJobEvent } from "./revocation-job/revocation-job.ts";
import type { TenantEvent } from "./tenant/tenant.ts";
import type { TokenEvent } from "./token/token.ts";

export type DomainEvent =
  | TenantEvent
  | OwnerEvent
  | IssuerEvent
  | ProfileEvent
  | IdentityEvent
  | CertificateEvent
  | CrlEvent
  | CrlShardEvent
  | OcspResponderEvent
  | RaCertificateEvent
  | TokenEvent
  | MemberEvent
  | PersonEvent
  | RevocationJobEvent
  | EnrolmentEndpointEvent
  | EnrolmentCredentialEvent
  | EnrolmentRequestEvent
  | AcmeAccountEvent
  | AcmeAuthorizationEvent
  | AcmeOrderEvent
  | OutboxEvent
  | InterventionEvent;

export type EventType = DomainEvent["type"];
