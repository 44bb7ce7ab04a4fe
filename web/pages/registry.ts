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
  {
    path: "/certificates",
    title: "Certificates",
    permission: "certs:read",
    load: () => import("./certificates/certificates.tsx"),
  },
];
