/** Every page, one line each: its place in the URL and in the navigation, and what one must hold to read it. */
import type { ComponentType } from "react";

export interface Page {
  readonly path: string;
  /** Absent: it is reached from another page. */
  readonly title?: string;
  readonly permission?: string;
  readonly load: () => Promise<{ readonly default: ComponentType }>;
}

export const pages: readonly Page[] = [
  { path: "/", title: "Overview", load: () => import("./dashboard/dashboard.tsx") },
  {
    path: "/certificates",
    title: "Certificates",
    permission: "certs:read",
    load: () => import("./certificates/certificates.tsx"),
  },
  { path: "/certificates/issue", load: () => import("./certificates/issue.tsx") },
  { path: "/certificates/$id", load: () => import("./certificates/certificate.tsx") },
  {
    path: "/identities",
    title: "Identities",
    permission: "identities:read",
    load: () => import("./identities/identities.tsx"),
  },
  { path: "/identities/$id", load: () => import("./identities/identity.tsx") },
  { path: "/issuers", title: "Issuers", permission: "issuers:read", load: () => import("./issuers/issuers.tsx") },
  { path: "/issuers/$id", load: () => import("./issuers/issuer.tsx") },
  { path: "/profiles", title: "Profiles", permission: "profiles:read", load: () => import("./profiles/profiles.tsx") },
  { path: "/profiles/new", load: () => import("./profiles/new-profile.tsx") },
  { path: "/profiles/$name", load: () => import("./profiles/profile.tsx") },
  { path: "/profiles/$name/edit", load: () => import("./profiles/new-version.tsx") },
  { path: "/owners", title: "Owners", permission: "owners:read", load: () => import("./owners/owners.tsx") },
  {
    path: "/enrolment",
    title: "Enrolment",
    permission: "enrolment:read",
    load: () => import("./enrolment/endpoints.tsx"),
  },
  { path: "/enrolment/requests", load: () => import("./enrolment/requests.tsx") },
  { path: "/enrolment/$label", load: () => import("./enrolment/endpoint.tsx") },
  { path: "/audit", title: "Audit", permission: "audit:read", load: () => import("./audit/audit.tsx") },
  { path: "/sessions", load: () => import("./access/own-sessions.tsx") },
  { path: "/confirmed", load: () => import("./sign-in/confirmed.tsx") },
  { path: "/device", load: () => import("./device/device.tsx") },
  { path: "/access", title: "Access", permission: "access:read", load: () => import("./access/access.tsx") },
  {
    path: "/operations",
    title: "Operations",
    permission: "outbox:read",
    load: () => import("./operations/operations.tsx"),
  },
  { path: "/operations/outbox", load: () => import("./operations/outbox.tsx") },
  { path: "/operations/outbox/$id", load: () => import("./operations/effect.tsx") },
  { path: "/operations/revocations", load: () => import("./operations/revocations.tsx") },
  { path: "/operations/revocations/new", load: () => import("./operations/new-revocation.tsx") },
  { path: "/operations/revocations/$id", load: () => import("./operations/revocation.tsx") },
];
