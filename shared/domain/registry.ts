import {
  acmeAccountAggregate,
  acmeAccountKeyAggregate,
  type AcmeAccount,
  type AcmeAccountKey,
} from "./acme-account/acme-account.ts";
import {
  acmeAuthorizationAggregate,
  acmeAuthorizedNameAggregate,
  type AcmeAuthorization,
  type AcmeAuthorizedName,
} from "./acme-authorization/acme-authorization.ts";
import { acmeOrderAggregate, type AcmeOrder } from "./acme-order/acme-order.ts";
import type { Aggregate, AggregateKind } from "./aggregate.ts";
import { certificateAggregate, type Certificate } from "./certificate/certificate.ts";
import { crlAggregate, type Crl } from "./crl/crl.ts";
import { crlShardAggregate, type CrlShard } from "./crl-shard/crl-shard.ts";
import { enrolmentCredentialAggregate, type EnrolmentCredential } from "./enrolment-credential/enrolment-credential.ts";
import { enrolmentEndpointAggregate, type EnrolmentEndpoint } from "./enrolment-endpoint/enrolment-endpoint.ts";
import { enrolmentRequestAggregate, type EnrolmentRequest } from "./enrolment-request/enrolment-request.ts";
import { identityAggregate, type Identity } from "./identity/identity.ts";
import { interventionAggregate, type Intervention } from "./intervention/intervention.ts";
import { issuerAggregate, type Issuer } from "./issuer/issuer.ts";
import { memberAggregate, type Member } from "./member/member.ts";
import { ocspResponderAggregate, type OcspResponder } from "./ocsp-responder/ocsp-responder.ts";
import { outboxAggregate, type OutboxEntry } from "./outbox/outbox.ts";
import { ownerAggregate, type Owner } from "./owner/owner.ts";
import { personAggregate, type Person } from "./person/person.ts";
import { profileAggregate, profileVersionAggregate, type Profile } from "./profile/profile.ts";
import { raCertificateAggregate, type RaCertificate } from "./ra-certificate/ra-certificate.ts";
import { revocationAggregate, type Revocation } from "./revocation/revocation.ts";
import { revocationJobAggregate, type RevocationJob } from "./revocation-job/revocation-job.ts";
import { tenantAggregate, type Tenant } from "./tenant/tenant.ts";
import { tokenAggregate, type Token } from "./token/token.ts";

export interface States {
  tenant: Tenant;
  owner: Owner;
  issuer: Issuer;
  profile: Profile;
  "profile-version": Profile;
  identity: Identity;
  certificate: Certificate;
  revocation: Revocation;
  "revocation-job": RevocationJob;
  crl: Crl;
  "crl-shard": CrlShard;
  "ocsp-responder": OcspResponder;
  "ra-certificate": RaCertificate;
  token: Token;
  member: Member;
  person: Person;
  "enrolment-endpoint": EnrolmentEndpoint;
  "enrolment-credential": EnrolmentCredential;
  "enrolment-request": EnrolmentRequest;
  "acme-account": AcmeAccount;
  "acme-account-key": AcmeAccountKey;
  "acme-authorization": AcmeAuthorization;
  "acme-authorized-name": AcmeAuthorizedName;
  "acme-order": AcmeOrder;
  outbox: OutboxEntry;
  intervention: Intervention;
}

/** One line for each aggregate; the log evolves, stores and rebuilds by this table. */
export const aggregates: { readonly [K in AggregateKind]: Aggregate<States[K]> } = {
  tenant: tenantAggregate,
  owner: ownerAggregate,
  issuer: issuerAggregate,
  profile: profileAggregate,
  "profile-version": profileVersionAggregate,
  identity: identityAggregate,
  certificate: certificateAggregate,
  revocation: revocationAggregate,
  "revocation-job": revocationJobAggregate,
  crl: crlAggregate,
  "crl-shard": crlShardAggregate,
  "ocsp-responder": ocspResponderAggregate,
  "ra-certificate": raCertificateAggregate,
  token: tokenAggregate,
  member: memberAggregate,
  person: personAggregate,
  "enrolment-endpoint": enrolmentEndpointAggregate,
  "enrolment-credential": enrolmentCredentialAggregate,
  "enrolment-request": enrolmentRequestAggregate,
  "acme-account": acmeAccountAggregate,
  "acme-account-key": acmeAccountKeyAggregate,
  "acme-authorization": acmeAuthorizationAggregate,
  "acme-authorized-name": acmeAuthorizedNameAggregate,
  "acme-order": acmeOrderAggregate,
  outbox: outboxAggregate,
  intervention: interventionAggregate,
};
