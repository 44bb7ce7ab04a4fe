// Made by `npm run generate` from the OpenAPI document. Do not edit.

export type Problem = { readonly "type": string; readonly "title": string; readonly "status": number; readonly "detail": string; readonly "code": string; readonly "field"?: string; readonly "trace_id"?: string; readonly [name: string]: unknown };

export type __schema0 = string | number | boolean | null | readonly (__schema0)[] | { readonly [name: string]: __schema0 };

export interface Operations {
  "owners.list": {
    params: {};
    query: { readonly "limit"?: number; readonly "cursor"?: string };
    body: undefined;
    response: { readonly "items": readonly ({ readonly "id": string; readonly "kind": "user" | "team" | "workload" | "service"; readonly "name": string; readonly "email": string | null; readonly "created_at": string; readonly "updated_at": string })[]; readonly "next_cursor": string | null };
  };
  "owners.create": {
    params: {};
    query: {};
    body: { readonly "kind": "user" | "team" | "workload" | "service"; readonly "name": string; readonly "email"?: string };
    response: { readonly "id": string; readonly "kind": "user" | "team" | "workload" | "service"; readonly "name": string; readonly "email": string | null; readonly "created_at": string; readonly "updated_at": string };
  };
  "owners.get": {
    params: { readonly "id": string };
    query: {};
    body: undefined;
    response: { readonly "id": string; readonly "kind": "user" | "team" | "workload" | "service"; readonly "name": string; readonly "email": string | null; readonly "created_at": string; readonly "updated_at": string };
  };
  "owners.update": {
    params: { readonly "id": string };
    query: {};
    body: { readonly "kind": "user" | "team" | "workload" | "service"; readonly "name": string; readonly "email"?: string };
    response: { readonly "id": string; readonly "kind": "user" | "team" | "workload" | "service"; readonly "name": string; readonly "email": string | null; readonly "created_at": string; readonly "updated_at": string };
  };
  "owners.delete": {
    params: { readonly "id": string };
    query: {};
    body: undefined;
    response: undefined;
  };
  "issuers.list": {
    params: {};
    query: { readonly "limit"?: number; readonly "cursor"?: string };
    body: undefined;
    response: { readonly "items": readonly ({ readonly "id": string; readonly "kind": "x509_ca"; readonly "role": "root" | "issuing"; readonly "name": string; readonly "status": "active" | "retired"; readonly "parent_id": string | null; readonly "subject": string; readonly "key_algorithm": "P-256" | "P-384" | "P-521" | "Ed25519" | "RSA-2048" | "RSA-3072" | "RSA-4096" | "RSA-PSS-2048" | "RSA-PSS-3072" | "RSA-PSS-4096" | "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87" | "SLH-DSA-SHA2-128s" | "SLH-DSA-SHA2-128f" | "SLH-DSA-SHA2-192s" | "SLH-DSA-SHA2-192f" | "SLH-DSA-SHA2-256s" | "SLH-DSA-SHA2-256f" | "SLH-DSA-SHAKE-128s" | "SLH-DSA-SHAKE-128f" | "SLH-DSA-SHAKE-192s" | "SLH-DSA-SHAKE-192f" | "SLH-DSA-SHAKE-256s" | "SLH-DSA-SHAKE-256f"; readonly "signature_algorithm": string; readonly "responder_key_algorithm": "P-256" | "P-384" | "P-521" | "Ed25519" | "RSA-2048" | "RSA-3072" | "RSA-4096" | "RSA-PSS-2048" | "RSA-PSS-3072" | "RSA-PSS-4096" | "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87" | "SLH-DSA-SHA2-128s" | "SLH-DSA-SHA2-128f" | "SLH-DSA-SHA2-192s" | "SLH-DSA-SHA2-192f" | "SLH-DSA-SHA2-256s" | "SLH-DSA-SHA2-256f" | "SLH-DSA-SHAKE-128s" | "SLH-DSA-SHAKE-128f" | "SLH-DSA-SHAKE-192s" | "SLH-DSA-SHAKE-192f" | "SLH-DSA-SHAKE-256s" | "SLH-DSA-SHAKE-256f"; readonly "key_backend": "sealed" | "kms" | "pkcs11"; readonly "serial": string; readonly "not_before": string; readonly "not_after": string; readonly "permitted_dns": readonly (string)[]; readonly "ocsp_url": string; readonly "ca_issuers_url": string; readonly "crl_urls": readonly (string)[]; readonly "certificate": string; readonly "chain": readonly (string)[]; readonly "created_at": string })[]; readonly "next_cursor": string | null };
  };
  "issuers.create": {
    params: {};
    query: {};
    body: { readonly "kind"?: "x509_ca"; readonly "name": string; readonly "key_algorithm"?: "P-256" | "P-384" | "P-521" | "Ed25519" | "RSA-2048" | "RSA-3072" | "RSA-4096" | "RSA-PSS-2048" | "RSA-PSS-3072" | "RSA-PSS-4096" | "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87" | "SLH-DSA-SHA2-128s" | "SLH-DSA-SHA2-128f" | "SLH-DSA-SHA2-192s" | "SLH-DSA-SHA2-192f" | "SLH-DSA-SHA2-256s" | "SLH-DSA-SHA2-256f" | "SLH-DSA-SHAKE-128s" | "SLH-DSA-SHAKE-128f" | "SLH-DSA-SHAKE-192s" | "SLH-DSA-SHAKE-192f" | "SLH-DSA-SHAKE-256s" | "SLH-DSA-SHAKE-256f"; readonly "responder_key_algorithm"?: "P-256" | "P-384" | "P-521" | "Ed25519" | "RSA-2048" | "RSA-3072" | "RSA-4096" | "RSA-PSS-2048" | "RSA-PSS-3072" | "RSA-PSS-4096" | "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87" | "SLH-DSA-SHA2-128s" | "SLH-DSA-SHA2-128f" | "SLH-DSA-SHA2-192s" | "SLH-DSA-SHA2-192f" | "SLH-DSA-SHA2-256s" | "SLH-DSA-SHA2-256f" | "SLH-DSA-SHAKE-128s" | "SLH-DSA-SHAKE-128f" | "SLH-DSA-SHAKE-192s" | "SLH-DSA-SHAKE-192f" | "SLH-DSA-SHAKE-256s" | "SLH-DSA-SHAKE-256f"; readonly "key_backend"?: "sealed" | "kms" | "pkcs11"; readonly "validity_days"?: number; readonly "permitted_dns"?: readonly (string)[] };
    response: { readonly "id": string; readonly "kind": "x509_ca"; readonly "role": "root" | "issuing"; readonly "name": string; readonly "status": "active" | "retired"; readonly "parent_id": string | null; readonly "subject": string; readonly "key_algorithm": "P-256" | "P-384" | "P-521" | "Ed25519" | "RSA-2048" | "RSA-3072" | "RSA-4096" | "RSA-PSS-2048" | "RSA-PSS-3072" | "RSA-PSS-4096" | "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87" | "SLH-DSA-SHA2-128s" | "SLH-DSA-SHA2-128f" | "SLH-DSA-SHA2-192s" | "SLH-DSA-SHA2-192f" | "SLH-DSA-SHA2-256s" | "SLH-DSA-SHA2-256f" | "SLH-DSA-SHAKE-128s" | "SLH-DSA-SHAKE-128f" | "SLH-DSA-SHAKE-192s" | "SLH-DSA-SHAKE-192f" | "SLH-DSA-SHAKE-256s" | "SLH-DSA-SHAKE-256f"; readonly "signature_algorithm": string; readonly "responder_key_algorithm": "P-256" | "P-384" | "P-521" | "Ed25519" | "RSA-2048" | "RSA-3072" | "RSA-4096" | "RSA-PSS-2048" | "RSA-PSS-3072" | "RSA-PSS-4096" | "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87" | "SLH-DSA-SHA2-128s" | "SLH-DSA-SHA2-128f" | "SLH-DSA-SHA2-192s" | "SLH-DSA-SHA2-192f" | "SLH-DSA-SHA2-256s" | "SLH-DSA-SHA2-256f" | "SLH-DSA-SHAKE-128s" | "SLH-DSA-SHAKE-128f" | "SLH-DSA-SHAKE-192s" | "SLH-DSA-SHAKE-192f" | "SLH-DSA-SHAKE-256s" | "SLH-DSA-SHAKE-256f"; readonly "key_backend": "sealed" | "kms" | "pkcs11"; readonly "serial": string; readonly "not_before": string; readonly "not_after": string; readonly "permitted_dns": readonly (string)[]; readonly "ocsp_url": string; readonly "ca_issuers_url": string; readonly "crl_urls": readonly (string)[]; readonly "certificate": string; readonly "chain": readonly (string)[]; readonly "created_at": string };
  };
  "issuers.root": {
    params: {};
    query: {};
    body: undefined;
    response: { readonly "issuer_id": string; readonly "subject": string; readonly "fingerprint": string; readonly "certificate": string };
  };
  "issuers.get": {
    params: { readonly "id": string };
    query: {};
    body: undefined;
    response: { readonly "id": string; readonly "kind": "x509_ca"; readonly "role": "root" | "issuing"; readonly "name": string; readonly "status": "active" | "retired"; readonly "parent_id": string | null; readonly "subject": string; readonly "key_algorithm": "P-256" | "P-384" | "P-521" | "Ed25519" | "RSA-2048" | "RSA-3072" | "RSA-4096" | "RSA-PSS-2048" | "RSA-PSS-3072" | "RSA-PSS-4096" | "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87" | "SLH-DSA-SHA2-128s" | "SLH-DSA-SHA2-128f" | "SLH-DSA-SHA2-192s" | "SLH-DSA-SHA2-192f" | "SLH-DSA-SHA2-256s" | "SLH-DSA-SHA2-256f" | "SLH-DSA-SHAKE-128s" | "SLH-DSA-SHAKE-128f" | "SLH-DSA-SHAKE-192s" | "SLH-DSA-SHAKE-192f" | "SLH-DSA-SHAKE-256s" | "SLH-DSA-SHAKE-256f"; readonly "signature_algorithm": string; readonly "responder_key_algorithm": "P-256" | "P-384" | "P-521" | "Ed25519" | "RSA-2048" | "RSA-3072" | "RSA-4096" | "RSA-PSS-2048" | "RSA-PSS-3072" | "RSA-PSS-4096" | "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87" | "SLH-DSA-SHA2-128s" | "SLH-DSA-SHA2-128f" | "SLH-DSA-SHA2-192s" | "SLH-DSA-SHA2-192f" | "SLH-DSA-SHA2-256s" | "SLH-DSA-SHA2-256f" | "SLH-DSA-SHAKE-128s" | "SLH-DSA-SHAKE-128f" | "SLH-DSA-SHAKE-192s" | "SLH-DSA-SHAKE-192f" | "SLH-DSA-SHAKE-256s" | "SLH-DSA-SHAKE-256f"; readonly "key_backend": "sealed" | "kms" | "pkcs11"; readonly "serial": string; readonly "not_before": string; readonly "not_after": string; readonly "permitted_dns": readonly (string)[]; readonly "ocsp_url": string; readonly "ca_issuers_url": string; readonly "crl_urls": readonly (string)[]; readonly "certificate": string; readonly "chain": readonly (string)[]; readonly "created_at": string };
  };
  "issuers.retire": {
    params: { readonly "id": string };
    query: {};
    body: undefined;
    response: { readonly "id": string; readonly "kind": "x509_ca"; readonly "role": "root" | "issuing"; readonly "name": string; readonly "status": "active" | "retired"; readonly "parent_id": string | null; readonly "subject": string; readonly "key_algorithm": "P-256" | "P-384" | "P-521" | "Ed25519" | "RSA-2048" | "RSA-3072" | "RSA-4096" | "RSA-PSS-2048" | "RSA-PSS-3072" | "RSA-PSS-4096" | "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87" | "SLH-DSA-SHA2-128s" | "SLH-DSA-SHA2-128f" | "SLH-DSA-SHA2-192s" | "SLH-DSA-SHA2-192f" | "SLH-DSA-SHA2-256s" | "SLH-DSA-SHA2-256f" | "SLH-DSA-SHAKE-128s" | "SLH-DSA-SHAKE-128f" | "SLH-DSA-SHAKE-192s" | "SLH-DSA-SHAKE-192f" | "SLH-DSA-SHAKE-256s" | "SLH-DSA-SHAKE-256f"; readonly "signature_algorithm": string; readonly "responder_key_algorithm": "P-256" | "P-384" | "P-521" | "Ed25519" | "RSA-2048" | "RSA-3072" | "RSA-4096" | "RSA-PSS-2048" | "RSA-PSS-3072" | "RSA-PSS-4096" | "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87" | "SLH-DSA-SHA2-128s" | "SLH-DSA-SHA2-128f" | "SLH-DSA-SHA2-192s" | "SLH-DSA-SHA2-192f" | "SLH-DSA-SHA2-256s" | "SLH-DSA-SHA2-256f" | "SLH-DSA-SHAKE-128s" | "SLH-DSA-SHAKE-128f" | "SLH-DSA-SHAKE-192s" | "SLH-DSA-SHAKE-192f" | "SLH-DSA-SHAKE-256s" | "SLH-DSA-SHAKE-256f"; readonly "key_backend": "sealed" | "kms" | "pkcs11"; readonly "serial": string; readonly "not_before": string; readonly "not_after": string; readonly "permitted_dns": readonly (string)[]; readonly "ocsp_url": string; readonly "ca_issuers_url": string; readonly "crl_urls": readonly (string)[]; readonly "certificate": string; readonly "chain": readonly (string)[]; readonly "created_at": string };
  };
  "identities.list": {
    params: {};
    query: { readonly "limit"?: number; readonly "cursor"?: string; readonly "status"?: "requested" | "issued" | "failed" | "deployed" | "renewing" | "revoked" | "retired" | "cancelled"; readonly "profile"?: string; readonly "owner_id"?: string };
    body: undefined;
    response: { readonly "items": readonly ({ readonly "id": string; readonly "kind": "x509_certificate"; readonly "name": string; readonly "owner_id": string; readonly "issuer_id": string | null; readonly "profile": string | null; readonly "dns_names": readonly (string)[]; readonly "status": "requested" | "issued" | "failed" | "deployed" | "renewing" | "revoked" | "retired" | "cancelled"; readonly "certificate_id": string | null; readonly "failure": { readonly "code": string; readonly "detail": string; readonly "at": string; readonly "retry_to": "requested" | "issued" | "failed" | "deployed" | "renewing" | "revoked" | "retired" | "cancelled" } | null; readonly "attributes": { readonly [name: string]: __schema0 }; readonly "history": readonly ({ readonly "from": string; readonly "to": string; readonly "at": string; readonly "by": string; readonly "reason": string | null })[]; readonly "created_at": string; readonly "updated_at": string })[]; readonly "next_cursor": string | null };
  };
  "identities.create": {
    params: {};
    query: {};
    body: { readonly "kind"?: "x509_certificate"; readonly "name": string; readonly "owner_id": string; readonly "issuer_id"?: string; readonly "profile"?: string; readonly "dns_names"?: readonly (string)[]; readonly "attributes"?: { readonly [name: string]: __schema0 } };
    response: { readonly "id": string; readonly "kind": "x509_certificate"; readonly "name": string; readonly "owner_id": string; readonly "issuer_id": string | null; readonly "profile": string | null; readonly "dns_names": readonly (string)[]; readonly "status": "requested" | "issued" | "failed" | "deployed" | "renewing" | "revoked" | "retired" | "cancelled"; readonly "certificate_id": string | null; readonly "failure": { readonly "code": string; readonly "detail": string; readonly "at": string; readonly "retry_to": "requested" | "issued" | "failed" | "deployed" | "renewing" | "revoked" | "retired" | "cancelled" } | null; readonly "attributes": { readonly [name: string]: __schema0 }; readonly "history": readonly ({ readonly "from": string; readonly "to": string; readonly "at": string; readonly "by": string; readonly "reason": string | null })[]; readonly "created_at": string; readonly "updated_at": string };
  };
  "identities.get": {
    params: { readonly "id": string };
    query: {};
    body: undefined;
    response: { readonly "id": string; readonly "kind": "x509_certificate"; readonly "name": string; readonly "owner_id": string; readonly "issuer_id": string | null; readonly "profile": string | null; readonly "dns_names": readonly (string)[]; readonly "status": "requested" | "issued" | "failed" | "deployed" | "renewing" | "revoked" | "retired" | "cancelled"; readonly "certificate_id": string | null; readonly "failure": { readonly "code": string; readonly "detail": string; readonly "at": string; readonly "retry_to": "requested" | "issued" | "failed" | "deployed" | "renewing" | "revoked" | "retired" | "cancelled" } | null; readonly "attributes": { readonly [name: string]: __schema0 }; readonly "history": readonly ({ readonly "from": string; readonly "to": string; readonly "at": string; readonly "by": string; readonly "reason": string | null })[]; readonly "created_at": string; readonly "updated_at": string };
  };
  "identities.transition": {
    params: { readonly "id": string };
    query: {};
    body: { readonly "to": "issued" | "deployed" | "renewing" | "revoked" | "retired" | "cancelled"; readonly "reason"?: "unspecified" | "keyCompromise" | "affiliationChanged" | "superseded" | "cessationOfOperation" | "privilegeWithdrawn"; readonly "note"?: string; readonly "csr"?: string; readonly "generate_key"?: boolean };
    response: { readonly "id": string; readonly "kind": "x509_certificate"; readonly "name": string; readonly "owner_id": string; readonly "issuer_id": string | null; readonly "profile": string | null; readonly "dns_names": readonly (string)[]; readonly "status": "requested" | "issued" | "failed" | "deployed" | "renewing" | "revoked" | "retired" | "cancelled"; readonly "certificate_id": string | null; readonly "failure": { readonly "code": string; readonly "detail": string; readonly "at": string; readonly "retry_to": "requested" | "issued" | "failed" | "deployed" | "renewing" | "revoked" | "retired" | "cancelled" } | null; readonly "attributes": { readonly [name: string]: __schema0 }; readonly "history": readonly ({ readonly "from": string; readonly "to": string; readonly "at": string; readonly "by": string; readonly "reason": string | null })[]; readonly "created_at": string; readonly "updated_at": string; readonly "certificate": { readonly "id": string; readonly "kind": "leaf" | "ca"; readonly "serial": string; readonly "status": "active" | "superseded" | "revoked" | "expired"; readonly "subject": string; readonly "sans": readonly (string)[]; readonly "issuer_id": string; readonly "profile": string | null; readonly "protocol": string; readonly "endpoint": string | null; readonly "identity_id": string | null; readonly "owner_id": string | null; readonly "replaces_id": string | null; readonly "replaced_by_id": string | null; readonly "key_algorithm": string; readonly "fingerprint": string; readonly "not_before": string; readonly "not_after": string; readonly "revoked_at": string | null; readonly "revocation_reason": string | null; readonly "created_at": string; readonly "certificate": string; readonly "chain": readonly (string)[] } | null; readonly "private_key": string | null; readonly "private_key_status": "none" | "shown" | "already_shown" };
  };
  "certificates.list": {
    params: {};
    query: { readonly "limit"?: number; readonly "cursor"?: string; readonly "sort"?: "expires" | "-expires"; readonly "q"?: string; readonly "status"?: "active" | "superseded" | "revoked" | "expired" | "unrevoked"; readonly "issuer_id"?: string; readonly "profile"?: string; readonly "owner_id"?: string; readonly "protocol"?: string; readonly "expiring_before"?: string; readonly "expiring_after"?: string };
    body: undefined;
    response: { readonly "items": readonly ({ readonly "id": string; readonly "kind": "leaf" | "ca"; readonly "serial": string; readonly "status": "active" | "superseded" | "revoked" | "expired"; readonly "subject": string; readonly "sans": readonly (string)[]; readonly "issuer_id": string; readonly "profile": string | null; readonly "protocol": string; readonly "endpoint": string | null; readonly "identity_id": string | null; readonly "owner_id": string | null; readonly "replaces_id": string | null; readonly "replaced_by_id": string | null; readonly "key_algorithm": string; readonly "fingerprint": string; readonly "not_before": string; readonly "not_after": string; readonly "revoked_at": string | null; readonly "revocation_reason": string | null; readonly "created_at": string })[]; readonly "next_cursor": string | null };
  };
  "certificates.issue": {
    params: {};
    query: {};
    body: { readonly "csr": string; readonly "profile"?: string; readonly "issuer_id"?: string; readonly "validity_seconds"?: number; readonly "owner_id"?: string };
    response: { readonly "id": string; readonly "kind": "leaf" | "ca"; readonly "serial": string; readonly "status": "active" | "superseded" | "revoked" | "expired"; readonly "subject": string; readonly "sans": readonly (string)[]; readonly "issuer_id": string; readonly "profile": string | null; readonly "protocol": string; readonly "endpoint": string | null; readonly "identity_id": string | null; readonly "owner_id": string | null; readonly "replaces_id": string | null; readonly "replaced_by_id": string | null; readonly "key_algorithm": string; readonly "fingerprint": string; readonly "not_before": string; readonly "not_after": string; readonly "revoked_at": string | null; readonly "revocation_reason": string | null; readonly "created_at": string; readonly "certificate": string; readonly "chain": readonly (string)[] };
  };
  "certificates.summary": {
    params: {};
    query: {};
    body: undefined;
    response: { readonly "total": { readonly "issued": number; readonly "revoked": number; readonly "superseded": number }; readonly "by_issuer": readonly ({ readonly "issued": number; readonly "revoked": number; readonly "superseded": number; readonly "issuer_id": string })[]; readonly "issued_by_day": readonly ({ readonly "from": string; readonly "count": number })[]; readonly "ending_by_day": readonly ({ readonly "from": string; readonly "count": number })[]; readonly "ending_by_week": readonly ({ readonly "from": string; readonly "count": number })[]; readonly "events_behind": number };
  };
  "certificates.get": {
    params: { readonly "id": string };
    query: {};
    body: undefined;
    response: { readonly "id": string; readonly "kind": "leaf" | "ca"; readonly "serial": string; readonly "status": "active" | "superseded" | "revoked" | "expired"; readonly "subject": string; readonly "sans": readonly (string)[]; readonly "issuer_id": string; readonly "profile": string | null; readonly "protocol": string; readonly "endpoint": string | null; readonly "identity_id": string | null; readonly "owner_id": string | null; readonly "replaces_id": string | null; readonly "replaced_by_id": string | null; readonly "key_algorithm": string; readonly "fingerprint": string; readonly "not_before": string; readonly "not_after": string; readonly "revoked_at": string | null; readonly "revocation_reason": string | null; readonly "created_at": string; readonly "certificate": string; readonly "chain": readonly (string)[] };
  };
  "certificates.revoke": {
    params: { readonly "id": string };
    query: {};
    body: { readonly "reason"?: "unspecified" | "keyCompromise" | "affiliationChanged" | "superseded" | "cessationOfOperation" | "privilegeWithdrawn" };
    response: { readonly "id": string; readonly "kind": "leaf" | "ca"; readonly "serial": string; readonly "status": "active" | "superseded" | "revoked" | "expired"; readonly "subject": string; readonly "sans": readonly (string)[]; readonly "issuer_id": string; readonly "profile": string | null; readonly "protocol": string; readonly "endpoint": string | null; readonly "identity_id": string | null; readonly "owner_id": string | null; readonly "replaces_id": string | null; readonly "replaced_by_id": string | null; readonly "key_algorithm": string; readonly "fingerprint": string; readonly "not_before": string; readonly "not_after": string; readonly "revoked_at": string | null; readonly "revocation_reason": string | null; readonly "created_at": string };
  };
  "revocations.list": {
    params: {};
    query: { readonly "limit"?: number; readonly "cursor"?: string };
    body: undefined;
    response: { readonly "items": readonly ({ readonly "id": string; readonly "status": "counting" | "revoking" | "done" | "cancelled"; readonly "mode": "preview" | "revoke"; readonly "reason": string; readonly "issuer_id": string | null; readonly "profile": string | null; readonly "owner_id": string | null; readonly "certificate_ids": readonly (string)[] | null; readonly "matched": number; readonly "revoked": number; readonly "crls_pending": number; readonly "requested_by": string; readonly "created_at": string; readonly "updated_at": string })[]; readonly "next_cursor": string | null };
  };
  "revocations.create": {
    params: {};
    query: {};
    body: { readonly "mode"?: "preview" | "revoke"; readonly "reason"?: "unspecified" | "keyCompromise" | "affiliationChanged" | "superseded" | "cessationOfOperation" | "privilegeWithdrawn"; readonly "issuer_id"?: string; readonly "profile"?: string; readonly "owner_id"?: string; readonly "certificate_ids"?: readonly (string)[]; readonly "all"?: boolean };
    response: { readonly "id": string; readonly "status": "counting" | "revoking" | "done" | "cancelled"; readonly "mode": "preview" | "revoke"; readonly "reason": string; readonly "issuer_id": string | null; readonly "profile": string | null; readonly "owner_id": string | null; readonly "certificate_ids": readonly (string)[] | null; readonly "matched": number; readonly "revoked": number; readonly "crls_pending": number; readonly "requested_by": string; readonly "created_at": string; readonly "updated_at": string };
  };
  "revocations.get": {
    params: { readonly "id": string };
    query: {};
    body: undefined;
    response: { readonly "id": string; readonly "status": "counting" | "revoking" | "done" | "cancelled"; readonly "mode": "preview" | "revoke"; readonly "reason": string; readonly "issuer_id": string | null; readonly "profile": string | null; readonly "owner_id": string | null; readonly "certificate_ids": readonly (string)[] | null; readonly "matched": number; readonly "revoked": number; readonly "crls_pending": number; readonly "requested_by": string; readonly "created_at": string; readonly "updated_at": string };
  };
  "revocations.cancel": {
    params: { readonly "id": string };
    query: {};
    body: undefined;
    response: { readonly "id": string; readonly "status": "counting" | "revoking" | "done" | "cancelled"; readonly "mode": "preview" | "revoke"; readonly "reason": string; readonly "issuer_id": string | null; readonly "profile": string | null; readonly "owner_id": string | null; readonly "certificate_ids": readonly (string)[] | null; readonly "matched": number; readonly "revoked": number; readonly "crls_pending": number; readonly "requested_by": string; readonly "created_at": string; readonly "updated_at": string };
  };
  "profiles.list": {
    params: {};
    query: { readonly "limit"?: number; readonly "cursor"?: string };
    body: undefined;
    response: { readonly "items": readonly ({ readonly "name": string; readonly "version": number; readonly "active": boolean; readonly "spec": { readonly "issuer_id"?: string; readonly "allowed_key_algorithms": readonly ("P-256" | "P-384" | "P-521" | "RSA" | "RSA-PSS" | "Ed25519" | "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87" | "SLH-DSA-SHA2-128s" | "SLH-DSA-SHA2-128f" | "SLH-DSA-SHA2-192s" | "SLH-DSA-SHA2-192f" | "SLH-DSA-SHA2-256s" | "SLH-DSA-SHA2-256f" | "SLH-DSA-SHAKE-128s" | "SLH-DSA-SHAKE-128f" | "SLH-DSA-SHAKE-192s" | "SLH-DSA-SHAKE-192f" | "SLH-DSA-SHAKE-256s" | "SLH-DSA-SHAKE-256f")[]; readonly "min_rsa_bits": number; readonly "extended_key_usages": readonly ("serverAuth" | "clientAuth" | "codeSigning" | "emailProtection" | "timeStamping")[]; readonly "default_validity_seconds": number; readonly "max_validity_seconds": number; readonly "allowed_protocols": readonly (string)[]; readonly "allowed_dns_suffixes": readonly (string)[]; readonly "allowed_ip_cidrs": readonly (string)[]; readonly "allowed_email_domains": readonly (string)[]; readonly "allowed_uri_prefixes": readonly (string)[]; readonly "allow_wildcards": boolean; readonly "conforms_to": "pkix" | "cabf-tls"; readonly "certificate_policies": readonly (string)[]; readonly "include_ocsp": boolean; readonly "include_crl": boolean }; readonly "created_by": string; readonly "created_at": string })[]; readonly "next_cursor": string | null };
  };
  "profiles.create": {
    params: {};
    query: {};
    body: { readonly "name": string; readonly "spec"?: { readonly "issuer_id"?: string; readonly "allowed_key_algorithms"?: readonly ("P-256" | "P-384" | "P-521" | "RSA" | "RSA-PSS" | "Ed25519" | "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87" | "SLH-DSA-SHA2-128s" | "SLH-DSA-SHA2-128f" | "SLH-DSA-SHA2-192s" | "SLH-DSA-SHA2-192f" | "SLH-DSA-SHA2-256s" | "SLH-DSA-SHA2-256f" | "SLH-DSA-SHAKE-128s" | "SLH-DSA-SHAKE-128f" | "SLH-DSA-SHAKE-192s" | "SLH-DSA-SHAKE-192f" | "SLH-DSA-SHAKE-256s" | "SLH-DSA-SHAKE-256f")[]; readonly "min_rsa_bits"?: number; readonly "extended_key_usages"?: readonly ("serverAuth" | "clientAuth" | "codeSigning" | "emailProtection" | "timeStamping")[]; readonly "default_validity_seconds"?: number; readonly "max_validity_seconds"?: number; readonly "allowed_protocols"?: readonly (string)[]; readonly "allowed_dns_suffixes"?: readonly (string)[]; readonly "allowed_ip_cidrs"?: readonly (string)[]; readonly "allowed_email_domains"?: readonly (string)[]; readonly "allowed_uri_prefixes"?: readonly (string)[]; readonly "allow_wildcards"?: boolean; readonly "conforms_to"?: "pkix" | "cabf-tls"; readonly "certificate_policies"?: readonly (string)[]; readonly "include_ocsp"?: boolean; readonly "include_crl"?: boolean } };
    response: { readonly "name": string; readonly "version": number; readonly "active": boolean; readonly "spec": { readonly "issuer_id"?: string; readonly "allowed_key_algorithms": readonly ("P-256" | "P-384" | "P-521" | "RSA" | "RSA-PSS" | "Ed25519" | "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87" | "SLH-DSA-SHA2-128s" | "SLH-DSA-SHA2-128f" | "SLH-DSA-SHA2-192s" | "SLH-DSA-SHA2-192f" | "SLH-DSA-SHA2-256s" | "SLH-DSA-SHA2-256f" | "SLH-DSA-SHAKE-128s" | "SLH-DSA-SHAKE-128f" | "SLH-DSA-SHAKE-192s" | "SLH-DSA-SHAKE-192f" | "SLH-DSA-SHAKE-256s" | "SLH-DSA-SHAKE-256f")[]; readonly "min_rsa_bits": number; readonly "extended_key_usages": readonly ("serverAuth" | "clientAuth" | "codeSigning" | "emailProtection" | "timeStamping")[]; readonly "default_validity_seconds": number; readonly "max_validity_seconds": number; readonly "allowed_protocols": readonly (string)[]; readonly "allowed_dns_suffixes": readonly (string)[]; readonly "allowed_ip_cidrs": readonly (string)[]; readonly "allowed_email_domains": readonly (string)[]; readonly "allowed_uri_prefixes": readonly (string)[]; readonly "allow_wildcards": boolean; readonly "conforms_to": "pkix" | "cabf-tls"; readonly "certificate_policies": readonly (string)[]; readonly "include_ocsp": boolean; readonly "include_crl": boolean }; readonly "created_by": string; readonly "created_at": string };
  };
  "profiles.get": {
    params: { readonly "name": string; readonly "version": number };
    query: {};
    body: undefined;
    response: { readonly "name": string; readonly "version": number; readonly "active": boolean; readonly "spec": { readonly "issuer_id"?: string; readonly "allowed_key_algorithms": readonly ("P-256" | "P-384" | "P-521" | "RSA" | "RSA-PSS" | "Ed25519" | "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87" | "SLH-DSA-SHA2-128s" | "SLH-DSA-SHA2-128f" | "SLH-DSA-SHA2-192s" | "SLH-DSA-SHA2-192f" | "SLH-DSA-SHA2-256s" | "SLH-DSA-SHA2-256f" | "SLH-DSA-SHAKE-128s" | "SLH-DSA-SHAKE-128f" | "SLH-DSA-SHAKE-192s" | "SLH-DSA-SHAKE-192f" | "SLH-DSA-SHAKE-256s" | "SLH-DSA-SHAKE-256f")[]; readonly "min_rsa_bits": number; readonly "extended_key_usages": readonly ("serverAuth" | "clientAuth" | "codeSigning" | "emailProtection" | "timeStamping")[]; readonly "default_validity_seconds": number; readonly "max_validity_seconds": number; readonly "allowed_protocols": readonly (string)[]; readonly "allowed_dns_suffixes": readonly (string)[]; readonly "allowed_ip_cidrs": readonly (string)[]; readonly "allowed_email_domains": readonly (string)[]; readonly "allowed_uri_prefixes": readonly (string)[]; readonly "allow_wildcards": boolean; readonly "conforms_to": "pkix" | "cabf-tls"; readonly "certificate_policies": readonly (string)[]; readonly "include_ocsp": boolean; readonly "include_crl": boolean }; readonly "created_by": string; readonly "created_at": string };
  };
  "enrolment-endpoints.list": {
    params: {};
    query: { readonly "limit"?: number; readonly "cursor"?: string; readonly "profile"?: string };
    body: undefined;
    response: { readonly "items": readonly ({ readonly "label": string; readonly "status": "active" | "disabled"; readonly "protocols": readonly (string)[]; readonly "issuer_id": string | null; readonly "profile": string; readonly "owner_id": string | null; readonly "auth": readonly ("open" | "secret" | "token" | "certificate")[]; readonly "approval": "automatic" | "manual"; readonly "validate_names": boolean; readonly "server_keys": boolean; readonly "legacy_algorithms": boolean; readonly "private_networks": boolean; readonly "terms_of_service": string | null; readonly "default": boolean; readonly "open_credentials": number; readonly "pending_requests": number; readonly "created_at": string; readonly "updated_at": string })[]; readonly "next_cursor": string | null };
  };
  "enrolment-endpoints.create": {
    params: {};
    query: {};
    body: { readonly "label": string; readonly "protocols"?: readonly (string)[]; readonly "issuer_id"?: string; readonly "profile"?: string; readonly "owner_id"?: string; readonly "auth"?: readonly ("open" | "secret" | "token" | "certificate")[]; readonly "approval"?: "automatic" | "manual"; readonly "validate_names"?: boolean; readonly "server_keys"?: boolean; readonly "legacy_algorithms"?: boolean; readonly "private_networks"?: boolean; readonly "terms_of_service"?: string; readonly "default"?: boolean };
    response: { readonly "label": string; readonly "status": "active" | "disabled"; readonly "protocols": readonly (string)[]; readonly "issuer_id": string | null; readonly "profile": string; readonly "owner_id": string | null; readonly "auth": readonly ("open" | "secret" | "token" | "certificate")[]; readonly "approval": "automatic" | "manual"; readonly "validate_names": boolean; readonly "server_keys": boolean; readonly "legacy_algorithms": boolean; readonly "private_networks": boolean; readonly "terms_of_service": string | null; readonly "default": boolean; readonly "open_credentials": number; readonly "pending_requests": number; readonly "created_at": string; readonly "updated_at": string };
  };
  "enrolment-endpoints.get": {
    params: { readonly "label": string };
    query: {};
    body: undefined;
    response: { readonly "label": string; readonly "status": "active" | "disabled"; readonly "protocols": readonly (string)[]; readonly "issuer_id": string | null; readonly "profile": string; readonly "owner_id": string | null; readonly "auth": readonly ("open" | "secret" | "token" | "certificate")[]; readonly "approval": "automatic" | "manual"; readonly "validate_names": boolean; readonly "server_keys": boolean; readonly "legacy_algorithms": boolean; readonly "private_networks": boolean; readonly "terms_of_service": string | null; readonly "default": boolean; readonly "open_credentials": number; readonly "pending_requests": number; readonly "created_at": string; readonly "updated_at": string };
  };
  "enrolment-endpoints.update": {
    params: { readonly "label": string };
    query: {};
    body: { readonly "protocols"?: readonly (string)[]; readonly "issuer_id"?: string; readonly "profile"?: string; readonly "owner_id"?: string; readonly "auth"?: readonly ("open" | "secret" | "token" | "certificate")[]; readonly "approval"?: "automatic" | "manual"; readonly "validate_names"?: boolean; readonly "server_keys"?: boolean; readonly "legacy_algorithms"?: boolean; readonly "private_networks"?: boolean; readonly "terms_of_service"?: string; readonly "default"?: boolean; readonly "unset"?: readonly ("issuer_id" | "owner_id" | "terms_of_service")[] };
    response: { readonly "label": string; readonly "status": "active" | "disabled"; readonly "protocols": readonly (string)[]; readonly "issuer_id": string | null; readonly "profile": string; readonly "owner_id": string | null; readonly "auth": readonly ("open" | "secret" | "token" | "certificate")[]; readonly "approval": "automatic" | "manual"; readonly "validate_names": boolean; readonly "server_keys": boolean; readonly "legacy_algorithms": boolean; readonly "private_networks": boolean; readonly "terms_of_service": string | null; readonly "default": boolean; readonly "open_credentials": number; readonly "pending_requests": number; readonly "created_at": string; readonly "updated_at": string };
  };
  "enrolment-endpoints.delete": {
    params: { readonly "label": string };
    query: {};
    body: undefined;
    response: undefined;
  };
  "enrolment-endpoints.preflight": {
    params: { readonly "label": string; readonly "name": string };
    query: { readonly "method"?: "http-01" | "dns-01" | "tls-alpn-01"; readonly "dns_managed"?: "true" | "false" };
    body: undefined;
    response: { readonly "name": string; readonly "method": "http-01" | "dns-01" | "tls-alpn-01"; readonly "reason": string; readonly "caa": string | null };
  };
  "enrolment-credentials.list": {
    params: {};
    query: { readonly "limit"?: number; readonly "cursor"?: string };
    body: undefined;
    response: { readonly "items": readonly ({ readonly "id": string; readonly "endpoint": string; readonly "names": readonly (string)[]; readonly "max_uses": number | null; readonly "uses": number; readonly "expires_at": string; readonly "revoked_at": string | null; readonly "revoked_by": string | null; readonly "created_at": string; readonly "created_by": string })[]; readonly "next_cursor": string | null };
  };
  "enrolment-credentials.create": {
    params: {};
    query: {};
    body: { readonly "endpoint": string; readonly "names"?: readonly (string)[]; readonly "max_uses"?: number; readonly "expires_at"?: string };
    response: { readonly "id": string; readonly "endpoint": string; readonly "names": readonly (string)[]; readonly "max_uses": number | null; readonly "uses": number; readonly "expires_at": string; readonly "revoked_at": string | null; readonly "revoked_by": string | null; readonly "created_at": string; readonly "created_by": string; readonly "secret": string | null; readonly "secret_status": "shown" | "already_shown" };
  };
  "enrolment-credentials.get": {
    params: { readonly "id": string };
    query: {};
    body: undefined;
    response: { readonly "id": string; readonly "endpoint": string; readonly "names": readonly (string)[]; readonly "max_uses": number | null; readonly "uses": number; readonly "expires_at": string; readonly "revoked_at": string | null; readonly "revoked_by": string | null; readonly "created_at": string; readonly "created_by": string };
  };
  "enrolment-credentials.delete": {
    params: { readonly "id": string };
    query: {};
    body: undefined;
    response: undefined;
  };
  "enrolment-requests.list": {
    params: {};
    query: { readonly "limit"?: number; readonly "cursor"?: string; readonly "decided"?: "true" | "false" };
    body: undefined;
    response: { readonly "items": readonly ({ readonly "id": string; readonly "endpoint": string; readonly "protocol": string; readonly "status": "pending" | "expired" | "refused" | "issued"; readonly "subject": string; readonly "transaction": string; readonly "common_name": string | null; readonly "names": readonly (string)[]; readonly "key_algorithm": string; readonly "request_sha256": string; readonly "profile": string; readonly "validity_seconds": number | null; readonly "not_after": string | null; readonly "credential_id": string | null; readonly "renews_id": string | null; readonly "certificate_id": string | null; readonly "reason": string | null; readonly "decided_by": string | null; readonly "decided_at": string | null; readonly "expires_at": string; readonly "created_at": string })[]; readonly "next_cursor": string | null };
  };
  "enrolment-requests.get": {
    params: { readonly "id": string };
    query: {};
    body: undefined;
    response: { readonly "id": string; readonly "endpoint": string; readonly "protocol": string; readonly "status": "pending" | "expired" | "refused" | "issued"; readonly "subject": string; readonly "transaction": string; readonly "common_name": string | null; readonly "names": readonly (string)[]; readonly "key_algorithm": string; readonly "request_sha256": string; readonly "profile": string; readonly "validity_seconds": number | null; readonly "not_after": string | null; readonly "credential_id": string | null; readonly "renews_id": string | null; readonly "certificate_id": string | null; readonly "reason": string | null; readonly "decided_by": string | null; readonly "decided_at": string | null; readonly "expires_at": string; readonly "created_at": string };
  };
  "enrolment-requests.approve": {
    params: { readonly "id": string };
    query: {};
    body: undefined;
    response: { readonly "id": string; readonly "endpoint": string; readonly "protocol": string; readonly "status": "pending" | "expired" | "refused" | "issued"; readonly "subject": string; readonly "transaction": string; readonly "common_name": string | null; readonly "names": readonly (string)[]; readonly "key_algorithm": string; readonly "request_sha256": string; readonly "profile": string; readonly "validity_seconds": number | null; readonly "not_after": string | null; readonly "credential_id": string | null; readonly "renews_id": string | null; readonly "certificate_id": string | null; readonly "reason": string | null; readonly "decided_by": string | null; readonly "decided_at": string | null; readonly "expires_at": string; readonly "created_at": string };
  };
  "enrolment-requests.refuse": {
    params: { readonly "id": string };
    query: {};
    body: { readonly "reason": string };
    response: { readonly "id": string; readonly "endpoint": string; readonly "protocol": string; readonly "status": "pending" | "expired" | "refused" | "issued"; readonly "subject": string; readonly "transaction": string; readonly "common_name": string | null; readonly "names": readonly (string)[]; readonly "key_algorithm": string; readonly "request_sha256": string; readonly "profile": string; readonly "validity_seconds": number | null; readonly "not_after": string | null; readonly "credential_id": string | null; readonly "renews_id": string | null; readonly "certificate_id": string | null; readonly "reason": string | null; readonly "decided_by": string | null; readonly "decided_at": string | null; readonly "expires_at": string; readonly "created_at": string };
  };
  "access.tokens": {
    params: {};
    query: { readonly "limit"?: number; readonly "cursor"?: string };
    body: undefined;
    response: { readonly "items": readonly ({ readonly "id": string; readonly "subject": string; readonly "scopes": readonly ("owners:read" | "owners:write" | "issuers:read" | "issuers:write" | "identities:read" | "identities:write" | "certs:read" | "certs:write" | "certs:request" | "certs:issue" | "profiles:read" | "profiles:write" | "enrolment:read" | "enrolment:write" | "audit:read" | "audit:write" | "access:read" | "access:write" | "access:role.assign" | "access:own" | "outbox:read" | "outbox:write" | "secrets:read" | "secrets:write" | "agents:heartbeat" | "agents:job.poll" | "agents:job.complete" | "agents:job.report" | "discovery:write" | "*")[]; readonly "created_at": string; readonly "created_by": string; readonly "expires_at": string | null; readonly "revoked_at": string | null; readonly "revoked_by": string | null; readonly "revocation_reason": string | null; readonly "client": string | null })[]; readonly "next_cursor": string | null };
  };
  "access.create-token": {
    params: {};
    query: {};
    body: { readonly "subject": string; readonly "scopes": readonly ("owners:read" | "owners:write" | "issuers:read" | "issuers:write" | "identities:read" | "identities:write" | "certs:read" | "certs:write" | "certs:request" | "certs:issue" | "profiles:read" | "profiles:write" | "enrolment:read" | "enrolment:write" | "audit:read" | "audit:write" | "access:read" | "access:write" | "access:role.assign" | "access:own" | "outbox:read" | "outbox:write" | "secrets:read" | "secrets:write" | "agents:heartbeat" | "agents:job.poll" | "agents:job.complete" | "agents:job.report" | "discovery:write" | "*")[]; readonly "expires_at"?: string };
    response: { readonly "id": string; readonly "subject": string; readonly "scopes": readonly ("owners:read" | "owners:write" | "issuers:read" | "issuers:write" | "identities:read" | "identities:write" | "certs:read" | "certs:write" | "certs:request" | "certs:issue" | "profiles:read" | "profiles:write" | "enrolment:read" | "enrolment:write" | "audit:read" | "audit:write" | "access:read" | "access:write" | "access:role.assign" | "access:own" | "outbox:read" | "outbox:write" | "secrets:read" | "secrets:write" | "agents:heartbeat" | "agents:job.poll" | "agents:job.complete" | "agents:job.report" | "discovery:write" | "*")[]; readonly "created_at": string; readonly "created_by": string; readonly "expires_at": string | null; readonly "revoked_at": string | null; readonly "revoked_by": string | null; readonly "revocation_reason": string | null; readonly "client": string | null; readonly "token": string | null; readonly "token_status": "shown" | "already_shown" };
  };
  "access.revoke-token": {
    params: { readonly "id": string };
    query: {};
    body: undefined;
    response: undefined;
  };
  "access.roles": {
    params: {};
    query: {};
    body: undefined;
    response: { readonly "items": readonly ({ readonly "name": "admin" | "operator" | "viewer" | "auditor" | "ra-officer" | "agent" | "mcp" | "cli"; readonly "permissions": readonly ("owners:read" | "owners:write" | "issuers:read" | "issuers:write" | "identities:read" | "identities:write" | "certs:read" | "certs:write" | "certs:request" | "certs:issue" | "profiles:read" | "profiles:write" | "enrolment:read" | "enrolment:write" | "audit:read" | "audit:write" | "access:read" | "access:write" | "access:role.assign" | "access:own" | "outbox:read" | "outbox:write" | "secrets:read" | "secrets:write" | "agents:heartbeat" | "agents:job.poll" | "agents:job.complete" | "agents:job.report" | "discovery:write" | "*")[] })[]; readonly "next_cursor": null };
  };
  "access.members": {
    params: {};
    query: { readonly "limit"?: number; readonly "cursor"?: string };
    body: undefined;
    response: { readonly "items": readonly ({ readonly "subject": string; readonly "display_name": string | null; readonly "email": string | null; readonly "roles": readonly ("admin" | "operator" | "viewer" | "auditor" | "ra-officer" | "agent" | "mcp" | "cli")[]; readonly "status": "active" | "offboarded"; readonly "created_at": string; readonly "updated_at": string })[]; readonly "next_cursor": string | null };
  };
  "access.put-member": {
    params: { readonly "subject": string };
    query: {};
    body: { readonly "display_name"?: string; readonly "email"?: string; readonly "roles": readonly ("admin" | "operator" | "viewer" | "auditor" | "ra-officer" | "agent" | "mcp" | "cli")[] };
    response: { readonly "subject": string; readonly "display_name": string | null; readonly "email": string | null; readonly "roles": readonly ("admin" | "operator" | "viewer" | "auditor" | "ra-officer" | "agent" | "mcp" | "cli")[]; readonly "status": "active" | "offboarded"; readonly "created_at": string; readonly "updated_at": string };
  };
  "access.offboard-member": {
    params: { readonly "subject": string };
    query: {};
    body: { readonly "reason"?: string };
    response: { readonly "subject": string; readonly "display_name": string | null; readonly "email": string | null; readonly "roles": readonly ("admin" | "operator" | "viewer" | "auditor" | "ra-officer" | "agent" | "mcp" | "cli")[]; readonly "status": "active" | "offboarded"; readonly "created_at": string; readonly "updated_at": string };
  };
  "sessions.list": {
    params: {};
    query: { readonly "limit"?: number; readonly "cursor"?: string; readonly "subject"?: string };
    body: undefined;
    response: { readonly "items": readonly ({ readonly "id": string; readonly "subject": string; readonly "name": string | null; readonly "method": "local" | "oidc"; readonly "provider": string | null; readonly "opened_at": string; readonly "authenticated_at": string; readonly "last_seen_at": string; readonly "ends_at": string; readonly "current": boolean })[]; readonly "next_cursor": string | null };
  };
  "sessions.end": {
    params: { readonly "id": string };
    query: {};
    body: undefined;
    response: undefined;
  };
  "sessions.end-all": {
    params: {};
    query: {};
    body: { readonly "subject": string };
    response: undefined;
  };
  "sessions.own": {
    params: {};
    query: { readonly "limit"?: number; readonly "cursor"?: string };
    body: undefined;
    response: { readonly "items": readonly ({ readonly "id": string; readonly "subject": string; readonly "name": string | null; readonly "method": "local" | "oidc"; readonly "provider": string | null; readonly "opened_at": string; readonly "authenticated_at": string; readonly "last_seen_at": string; readonly "ends_at": string; readonly "current": boolean })[]; readonly "next_cursor": string | null };
  };
  "sessions.end-own": {
    params: { readonly "id": string };
    query: {};
    body: undefined;
    response: undefined;
  };
  "audit.list": {
    params: {};
    query: { readonly "limit"?: number; readonly "cursor"?: string; readonly "type"?: string; readonly "since"?: string; readonly "until"?: string };
    body: undefined;
    response: { readonly "items": readonly ({ readonly "id": string; readonly "lane": number; readonly "sequence": number; readonly "time": string; readonly "type": string; readonly "actor": { readonly "subject": string; readonly "roles": readonly (string)[] }; readonly "resource": { readonly "kind": string; readonly "id": string }; readonly "data": { readonly [name: string]: __schema0 }; readonly "hash": string })[]; readonly "next_cursor": string | null };
  };
  "audit.export": {
    params: {};
    query: { readonly "limit"?: number; readonly "cursor"?: string };
    body: undefined;
    response: { readonly "tenant": string; readonly "heads": readonly ({ readonly "lane": number; readonly "sequence": number; readonly "hash": string })[]; readonly "items": readonly ({ readonly "lane": number; readonly "sequence": number; readonly "hash": string; readonly "event": string | null; readonly "sha256": string })[]; readonly "next_cursor": string | null };
  };
  "audit.state": {
    params: {};
    query: {};
    body: undefined;
    response: { readonly "clean": boolean; readonly "items": number; readonly "differing": readonly (string)[]; readonly "projections": readonly ({ readonly "name": string; readonly "clean": boolean; readonly "quarantined_lanes": readonly (number)[] })[] };
  };
  "audit.reconcile": {
    params: {};
    query: {};
    body: undefined;
    response: { readonly "clean": boolean; readonly "signatures": number; readonly "recorded": number; readonly "ocsp_signatures": number; readonly "reply_signatures": number; readonly "decryptions": number; readonly "checkpoint_signatures": number; readonly "checkpoints": number; readonly "refused": number; readonly "in_flight": number; readonly "repaired": readonly ({ readonly "type": string; readonly "id": string })[]; readonly "unjournalled": readonly ({ readonly "type": string; readonly "id": string })[] };
  };
  "audit.key": {
    params: {};
    query: {};
    body: undefined;
    response: { readonly "origin": string; readonly "algorithm": "Ed25519"; readonly "verifier_key": string };
  };
  "audit.checkpoint": {
    params: {};
    query: {};
    body: undefined;
    response: { readonly "number": number; readonly "size": number; readonly "root": string; readonly "time": string; readonly "heads": readonly ({ readonly "lane": number; readonly "sequence": number; readonly "hash": string })[]; readonly "note": string };
  };
  "audit.checkpoints": {
    params: {};
    query: { readonly "limit"?: number; readonly "cursor"?: string };
    body: undefined;
    response: { readonly "items": readonly ({ readonly "number": number; readonly "size": number; readonly "root": string; readonly "time": string; readonly "heads": readonly ({ readonly "lane": number; readonly "sequence": number; readonly "hash": string })[]; readonly "note": string })[]; readonly "next_cursor": string | null };
  };
  "audit.inclusion": {
    params: {};
    query: { readonly "size"?: number; readonly "lane"?: number; readonly "sequence"?: number };
    body: undefined;
    response: { readonly "lane": number; readonly "sequence": number; readonly "hash": string; readonly "event": string | null; readonly "sha256": string; readonly "index": number; readonly "previous_hash": string; readonly "entry": string; readonly "size": number; readonly "root": string; readonly "proof": readonly (string)[]; readonly "note": string };
  };
  "certificates.inclusion": {
    params: { readonly "id": string };
    query: { readonly "size"?: number };
    body: undefined;
    response: { readonly "lane": number; readonly "sequence": number; readonly "hash": string; readonly "event": string | null; readonly "sha256": string; readonly "index": number; readonly "previous_hash": string; readonly "entry": string; readonly "size": number; readonly "root": string; readonly "proof": readonly (string)[]; readonly "note": string; readonly "certificate_id": string };
  };
  "audit.consistency": {
    params: {};
    query: { readonly "from"?: number; readonly "to"?: number };
    body: undefined;
    response: { readonly "from": { readonly "number": number; readonly "size": number; readonly "root": string; readonly "time": string; readonly "heads": readonly ({ readonly "lane": number; readonly "sequence": number; readonly "hash": string })[]; readonly "note": string }; readonly "to": { readonly "number": number; readonly "size": number; readonly "root": string; readonly "time": string; readonly "heads": readonly ({ readonly "lane": number; readonly "sequence": number; readonly "hash": string })[]; readonly "note": string }; readonly "proof": readonly (string)[] };
  };
  "audit.prunable": {
    params: {};
    query: { readonly "before"?: string };
    body: undefined;
    response: { readonly "from": { readonly "size": number; readonly "frontier": readonly (string)[]; readonly "heads": readonly ({ readonly "lane": number; readonly "sequence": number; readonly "hash": string })[] }; readonly "to": { readonly "number": number; readonly "size": number; readonly "root": string; readonly "time": string; readonly "heads": readonly ({ readonly "lane": number; readonly "sequence": number; readonly "hash": string })[]; readonly "note": string } | null; readonly "events": number };
  };
  "audit.prune": {
    params: {};
    query: {};
    body: { readonly "size": number; readonly "archive": string; readonly "digest": string };
    response: { readonly "size": number; readonly "archive": string; readonly "digest": string };
  };
  "audit.entries": {
    params: {};
    query: { readonly "limit"?: number; readonly "from"?: number; readonly "cursor"?: string };
    body: undefined;
    response: { readonly "items": readonly ({ readonly "lane": number; readonly "sequence": number; readonly "hash": string; readonly "event": string | null; readonly "sha256": string; readonly "index": number })[]; readonly "next_cursor": string | null };
  };
  "outbox.list": {
    params: {};
    query: { readonly "limit"?: number; readonly "cursor"?: string; readonly "status"?: "pending" | "dead"; readonly "destination"?: string };
    body: undefined;
    response: { readonly "items": readonly ({ readonly "id": string; readonly "destination": string; readonly "status": "pending" | "delivered" | "dead"; readonly "attempts": number; readonly "last_error": string | null; readonly "next_attempt_at": string | null; readonly "created_at": string })[]; readonly "next_cursor": string | null };
  };
  "outbox.get": {
    params: { readonly "id": string };
    query: {};
    body: undefined;
    response: { readonly "id": string; readonly "destination": string; readonly "status": "pending" | "delivered" | "dead"; readonly "attempts": number; readonly "last_error": string | null; readonly "next_attempt_at": string | null; readonly "created_at": string; readonly "does": string | null; readonly "about": { readonly [name: string]: string | number }; readonly "asked_by": { readonly "lane": number; readonly "sequence": number } };
  };
  "outbox.redrive": {
    params: { readonly "id": string };
    query: {};
    body: undefined;
    response: { readonly "id": string; readonly "destination": string; readonly "status": "pending" | "delivered" | "dead"; readonly "attempts": number; readonly "last_error": string | null; readonly "next_attempt_at": string | null; readonly "created_at": string };
  };
  "outbox.redrive-all": {
    params: {};
    query: {};
    body: { readonly "destination"?: string; readonly "after"?: string };
    response: { readonly "redriven": number | null; readonly "last_id": string | null; readonly "dead": number };
  };
  "circuits.list": {
    params: {};
    query: {};
    body: undefined;
    response: { readonly "items": readonly ({ readonly "destination": string; readonly "does": string | null; readonly "state": "closed" | "open" | "half_open"; readonly "breaks": boolean; readonly "failures": number; readonly "failing_since": string | null; readonly "next_try_at": string | null; readonly "last_error": string | null; readonly "pending": number; readonly "dead": number; readonly "reset_at": string | null; readonly "reset_by": string | null })[] };
  };
  "circuits.reset": {
    params: { readonly "destination": string };
    query: {};
    body: undefined;
    response: { readonly "destination": string; readonly "does": string | null; readonly "state": "closed" | "open" | "half_open"; readonly "breaks": boolean; readonly "failures": number; readonly "failing_since": string | null; readonly "next_try_at": string | null; readonly "last_error": string | null; readonly "pending": number; readonly "dead": number; readonly "reset_at": string | null; readonly "reset_by": string | null };
  };
  "projections.list": {
    params: {};
    query: {};
    body: undefined;
    response: { readonly "items": readonly ({ readonly "name": string; readonly "events_behind": number; readonly "quarantined": readonly ({ readonly "lane": number; readonly "sequence": number; readonly "error": string; readonly "events_behind": number })[]; readonly "retried_at": string | null; readonly "retried_by": string | null })[] };
  };
  "projections.retry": {
    params: { readonly "name": string };
    query: {};
    body: undefined;
    response: { readonly "name": string; readonly "events_behind": number; readonly "quarantined": readonly ({ readonly "lane": number; readonly "sequence": number; readonly "error": string; readonly "events_behind": number })[]; readonly "retried_at": string | null; readonly "retried_by": string | null };
  };
  "status.get": {
    params: {};
    query: {};
    body: undefined;
    response: { readonly "parts": { readonly [name: string]: "ok" | "failing" }; readonly "revocation": { readonly "crl_ends_at": string | null; readonly "responder_ends_at": string | null; readonly "overdue": readonly ({ readonly "issuer_id": string; readonly "what": string; readonly "ends_at": string | null })[] }; readonly "outbox": { readonly "pending": number; readonly "dead": number }; readonly "projections": { readonly "events_behind": number; readonly "quarantined": number }; readonly "checkpoint": { readonly "size": number; readonly "made_at": string; readonly "events_since": number } | null; readonly "time": string; readonly "requests_waiting": number };
  };
  "status.limits": {
    params: {};
    query: {};
    body: undefined;
    response: { readonly "counted_by": "host" | "one_of_several"; readonly "since": string; readonly "limits": readonly ({ readonly "of": string; readonly "per": "tenant" | "client" | "name"; readonly "burst": number; readonly "per_minute": number; readonly "left": number | null; readonly "refused": number | null; readonly "last_refused_at": string | null })[] };
  };
  "status.changes": {
    params: {};
    query: { readonly "after"?: string };
    body: undefined;
    response: { readonly "cursor": string; readonly "changed": readonly (string)[]; readonly "next_in_seconds": number };
  };
}

export type OperationId = keyof Operations;

export const operations = {
  "owners.list": {"method":"GET","path":"/api/v1/owners","permission":"owners:read","summary":"List owners"},
  "owners.create": {"method":"POST","path":"/api/v1/owners","permission":"owners:write","summary":"Create an owner"},
  "owners.get": {"method":"GET","path":"/api/v1/owners/{id}","permission":"owners:read","summary":"Show an owner"},
  "owners.update": {"method":"PUT","path":"/api/v1/owners/{id}","permission":"owners:write","summary":"Replace an owner"},
  "owners.delete": {"method":"DELETE","path":"/api/v1/owners/{id}","permission":"owners:write","summary":"Delete an owner that nothing refers to"},
  "issuers.list": {"method":"GET","path":"/api/v1/issuers","permission":"issuers:read","summary":"List issuers"},
  "issuers.create": {"method":"POST","path":"/api/v1/issuers","permission":"issuers:write","summary":"Create an issuing CA below the tenant's root"},
  "issuers.root": {"method":"GET","path":"/api/v1/issuers/root","permission":"issuers:read","summary":"Show the root certificate that relying parties trust"},
  "issuers.get": {"method":"GET","path":"/api/v1/issuers/{id}","permission":"issuers:read","summary":"Show an issuer"},
  "issuers.retire": {"method":"POST","path":"/api/v1/issuers/{id}/retire","permission":"issuers:write","summary":"Stop issuing from an issuer; its OCSP and CRLs go on"},
  "identities.list": {"method":"GET","path":"/api/v1/identities","permission":"identities:read","summary":"List identities"},
  "identities.create": {"method":"POST","path":"/api/v1/identities","permission":"identities:write","summary":"Request an identity"},
  "identities.get": {"method":"GET","path":"/api/v1/identities/{id}","permission":"identities:read","summary":"Show an identity"},
  "identities.transition": {"method":"POST","path":"/api/v1/identities/{id}/transitions","permission":"identities:write","summary":"Move an identity along its lifecycle; to `issued` and `renewing` mints a certificate"},
  "certificates.list": {"method":"GET","path":"/api/v1/certificates","permission":"certs:read","summary":"List certificates, the one that expires first at the top"},
  "certificates.issue": {"method":"POST","path":"/api/v1/certificates","permission":"certs:issue","summary":"Issue a certificate for a certificate request"},
  "certificates.summary": {"method":"GET","path":"/api/v1/certificates/summary","permission":"certs:read","summary":"Count certificates by issuer, by the day of issue and by the day and week of expiry"},
  "certificates.get": {"method":"GET","path":"/api/v1/certificates/{id}","permission":"certs:read","summary":"Show a certificate"},
  "certificates.revoke": {"method":"POST","path":"/api/v1/certificates/{id}/revoke","permission":"certs:issue","summary":"Revoke a certificate; OCSP and the CRL say so when this answers"},
  "revocations.list": {"method":"GET","path":"/api/v1/revocations","permission":"certs:read","summary":"List bulk revocations and how far they are"},
  "revocations.create": {"method":"POST","path":"/api/v1/revocations","permission":"certs:issue","summary":"Revoke many certificates as one job; first count them with mode preview"},
  "revocations.get": {"method":"GET","path":"/api/v1/revocations/{id}","permission":"certs:read","summary":"Show how far a bulk revocation is"},
  "revocations.cancel": {"method":"POST","path":"/api/v1/revocations/{id}/cancel","permission":"certs:issue","summary":"Stop a bulk revocation; what it has revoked stays revoked"},
  "profiles.list": {"method":"GET","path":"/api/v1/profiles","permission":"profiles:read","summary":"List the active version of each profile"},
  "profiles.create": {"method":"POST","path":"/api/v1/profiles","permission":"profiles:write","summary":"Create a profile, or the next version of one"},
  "profiles.get": {"method":"GET","path":"/api/v1/profiles/{name}/versions/{version}","permission":"profiles:read","summary":"Show one version of a profile"},
  "enrolment-endpoints.list": {"method":"GET","path":"/api/v1/enrolment-endpoints","permission":"enrolment:read","summary":"List enrolment endpoints"},
  "enrolment-endpoints.create": {"method":"POST","path":"/api/v1/enrolment-endpoints","permission":"enrolment:write","summary":"Open an enrolment endpoint under a label that nothing ever had"},
  "enrolment-endpoints.get": {"method":"GET","path":"/api/v1/enrolment-endpoints/{label}","permission":"enrolment:read","summary":"Show an enrolment endpoint"},
  "enrolment-endpoints.update": {"method":"PATCH","path":"/api/v1/enrolment-endpoints/{label}","permission":"enrolment:write","summary":"Change settings of an enrolment endpoint; what is left out stays"},
  "enrolment-endpoints.delete": {"method":"DELETE","path":"/api/v1/enrolment-endpoints/{label}","permission":"enrolment:write","summary":"Disable an enrolment endpoint for ever; its label is never given again"},
  "enrolment-endpoints.preflight": {"method":"GET","path":"/api/v1/enrolment-endpoints/{label}/preflight/{name}","permission":"enrolment:write","summary":"Choose the validation method for a name, by looking at it as a validation would"},
  "enrolment-credentials.list": {"method":"GET","path":"/api/v1/enrolment-credentials","permission":"enrolment:read","summary":"List enrolment credentials, the one that expires first at the top"},
  "enrolment-credentials.create": {"method":"POST","path":"/api/v1/enrolment-credentials","permission":"enrolment:write","summary":"Make a secret that opens an enrolment endpoint"},
  "enrolment-credentials.get": {"method":"GET","path":"/api/v1/enrolment-credentials/{id}","permission":"enrolment:read","summary":"Show an enrolment credential, without its secret"},
  "enrolment-credentials.delete": {"method":"DELETE","path":"/api/v1/enrolment-credentials/{id}","permission":"enrolment:write","summary":"Revoke an enrolment credential"},
  "enrolment-requests.list": {"method":"GET","path":"/api/v1/enrolment-requests","permission":"enrolment:read","summary":"List enrolment requests: those that wait for a decision, or with decided those that had one"},
  "enrolment-requests.get": {"method":"GET","path":"/api/v1/enrolment-requests/{id}","permission":"enrolment:read","summary":"Show an enrolment request"},
  "enrolment-requests.approve": {"method":"POST","path":"/api/v1/enrolment-requests/{id}/approve","permission":"certs:issue","summary":"Issue what an enrolment request asks for; the client fetches it"},
  "enrolment-requests.refuse": {"method":"POST","path":"/api/v1/enrolment-requests/{id}/refuse","permission":"certs:issue","summary":"Refuse an enrolment request; the client is told why"},
  "access.tokens": {"method":"GET","path":"/api/v1/access/api-tokens","permission":"access:read","summary":"List API tokens"},
  "access.create-token": {"method":"POST","path":"/api/v1/access/api-tokens","permission":"access:write","summary":"Mint an API token; its scopes never exceed the caller's"},
  "access.revoke-token": {"method":"DELETE","path":"/api/v1/access/api-tokens/{id}","permission":"access:write","summary":"Revoke an API token"},
  "access.roles": {"method":"GET","path":"/api/v1/access/roles","permission":"access:read","summary":"List roles and what they grant"},
  "access.members": {"method":"GET","path":"/api/v1/access/members","permission":"access:read","summary":"List members"},
  "access.put-member": {"method":"PUT","path":"/api/v1/access/members/{subject}","permission":"access:role.assign","summary":"Add a member or change their roles; roles never exceed what the caller holds"},
  "access.offboard-member": {"method":"POST","path":"/api/v1/access/members/{subject}/offboard","permission":"access:write","summary":"Offboard a member; every token of theirs stops working at once"},
  "sessions.list": {"method":"GET","path":"/api/v1/sessions","permission":"access:read","summary":"List the sessions of browsers, the newest first"},
  "sessions.end": {"method":"DELETE","path":"/api/v1/sessions/{id}","permission":"access:write","summary":"End a session"},
  "sessions.end-all": {"method":"POST","path":"/api/v1/session-ends","permission":"access:write","summary":"End every session of a subject, and any that is being opened"},
  "sessions.own": {"method":"GET","path":"/api/v1/own/sessions","permission":"access:own","summary":"List your own sessions, the newest first"},
  "sessions.end-own": {"method":"DELETE","path":"/api/v1/own/sessions/{id}","permission":"access:own","summary":"End one of your own sessions"},
  "audit.list": {"method":"GET","path":"/api/v1/audit/events","permission":"audit:read","summary":"List audit events, newest first"},
  "audit.export": {"method":"GET","path":"/api/v1/audit/export","permission":"audit:read","summary":"Export stored events with their hashes, lane by lane, oldest first"},
  "audit.state": {"method":"GET","path":"/api/v1/audit/state","permission":"audit:read","summary":"Rebuild every derived item from the log and compare it with what is stored"},
  "audit.reconcile": {"method":"POST","path":"/api/v1/audit/reconcile","permission":"audit:write","summary":"Compare the signer's journal with the events; record and revoke what has no event"},
  "audit.key": {"method":"GET","path":"/api/v1/audit/key","permission":"audit:read","summary":"Show the public key that checkpoints of this tenant's log are verified with"},
  "audit.checkpoint": {"method":"POST","path":"/api/v1/audit/checkpoints","permission":"audit:write","summary":"Sign a checkpoint over everything that is committed"},
  "audit.checkpoints": {"method":"GET","path":"/api/v1/audit/checkpoints","permission":"audit:read","summary":"List signed checkpoints, newest first"},
  "audit.inclusion": {"method":"GET","path":"/api/v1/audit/inclusion","permission":"audit:read","summary":"Prove that an event is in the log that a checkpoint was signed over"},
  "certificates.inclusion": {"method":"GET","path":"/api/v1/certificates/{id}/inclusion","permission":"audit:read","summary":"Prove that the issuance of a certificate is in the log that a checkpoint was signed over"},
  "audit.consistency": {"method":"GET","path":"/api/v1/audit/consistency","permission":"audit:read","summary":"Prove that the log of one checkpoint extends that of an earlier one"},
  "audit.prunable": {"method":"GET","path":"/api/v1/audit/prunable","permission":"audit:read","summary":"Show which events can be archived and pruned: old enough, covered by a checkpoint, not pruned yet"},
  "audit.prune": {"method":"POST","path":"/api/v1/audit/prune","permission":"audit:write","summary":"Remove the events up to a checkpoint that an archive holds, all but their hashes"},
  "audit.entries": {"method":"GET","path":"/api/v1/audit/entries","permission":"audit:read","summary":"List the events that the newest checkpoint covers, in the order of the tree"},
  "outbox.list": {"method":"GET","path":"/api/v1/outbox","permission":"outbox:read","summary":"List outside effects and how their delivery stands"},
  "outbox.get": {"method":"GET","path":"/api/v1/outbox/{id}","permission":"outbox:read","summary":"Show an outside effect: what it is about and what its last attempt said"},
  "outbox.redrive": {"method":"POST","path":"/api/v1/outbox/{id}/redrive","permission":"outbox:write","summary":"Try a dead effect again"},
  "outbox.redrive-all": {"method":"POST","path":"/api/v1/redrives","permission":"outbox:write","summary":"Try dead effects again, the oldest first, at most 90 at once; of one destination or of all"},
  "circuits.list": {"method":"GET","path":"/api/v1/circuits","permission":"outbox:read","summary":"List where effects go and whether it answers: the circuit of each destination"},
  "circuits.reset": {"method":"POST","path":"/api/v1/circuits/{destination}/reset","permission":"outbox:write","summary":"Close a circuit by hand and try its destination now"},
  "projections.list": {"method":"GET","path":"/api/v1/projections","permission":"outbox:read","summary":"List the read models: how far behind the log each is, and what it could not apply"},
  "projections.retry": {"method":"POST","path":"/api/v1/projections/{name}/retry","permission":"outbox:write","summary":"Have a read model try again what it could not apply, and follow its lanes from there"},
  "status.get": {"method":"GET","path":"/api/v1/status","permission":"issuers:read","summary":"Show how this tenant's part of the host does: store, signer, revocation, what failed and what waits"},
  "status.limits": {"method":"GET","path":"/api/v1/status/limits","permission":"issuers:read","summary":"Show how many requests this tenant may send, what is left, and what was refused lately"},
  "status.changes": {"method":"GET","path":"/api/v1/status/changes","permission":"issuers:read","summary":"Tell which kinds of things changed since a cursor; without one, where the log stands"},
} as const satisfies Record<OperationId, object>;
