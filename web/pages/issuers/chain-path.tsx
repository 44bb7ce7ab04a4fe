/** The way from the root down to a CA, and to what it has signed. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Operations } from "../../api/generated.ts";
import { useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";

export type Issuer = Operations["issuers.list"]["response"]["items"][number];

/** @returns from the root on; ends where one is not in the list, or would come twice */
export function pathTo(id: string, all: readonly Issuer[]): readonly Issuer[] {
  const path: Issuer[] = [];
  for (let next: string | null = id; next !== null; ) {
    const found = all.find((issuer) => issuer.id === next);
    if (found === undefined || path.includes(found)) break;
    path.unshift(found);
    next = found.parent_id;
  }
  return path;
}

interface ChainPathProps {
  /** The CA at its end. */
  readonly issuer: string;
  /** What that has signed. */
  readonly leaf?: ReactNode;
}

export function ChainPath({ issuer, leaf }: ChainPathProps) {
  const issuers = useOperation("issuers.list", { query: { limit: 100 } }, useMay("issuers:read"));
  const path = pathTo(issuer, issuers.data?.items ?? []);
  if (path.length === 0) return null;
  return (
    <ol className="chain" aria-label="Chain, from the root">
      {path.map(({ id, name, status, role }) => (
        <li key={id} {...(leaf === undefined && id === issuer && { "aria-current": "true" as const })}>
          <Link to="/issuers/$id" params={{ id }}>
            {name}
          </Link>
          <span className="muted">{role}</span>
          {status !== "active" && <Badge state={status} />}
        </li>
      ))}
      {leaf !== undefined && <li aria-current="true">{leaf}</li>}
    </ol>
  );
}
