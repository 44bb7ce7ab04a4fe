/** Every CA under the one that certified it, with what it has issued and how much of its time has gone. */
import { Link } from "@tanstack/react-router";
import { useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { LifeBar } from "../../parts/life-bar.tsx";
import type { Issuer } from "./chain-path.tsx";

export function ChainTree({ issuers }: { readonly issuers: readonly Issuer[] }) {
  const summary = useOperation("certificates.summary", {}, useMay("certs:read"));
  const issued = new Map((summary.data?.by_issuer ?? []).map((counts) => [counts.issuer_id, counts.issued]));
  // One whose parent is not in the list stands at the top: nothing is left out.
  const known = new Set(issuers.map(({ id }) => id));
  const tops = issuers.filter(({ parent_id }) => parent_id === null || !known.has(parent_id));
  return (
    <ul className="tree" aria-label="Chains, from the root">
      {tops.map((issuer) => (
        <Branch key={issuer.id} issuer={issuer} all={issuers} issued={issued} />
      ))}
    </ul>
  );
}

interface BranchProps {
  readonly issuer: Issuer;
  readonly all: readonly Issuer[];
  /** By the issuer's id. */
  readonly issued: ReadonlyMap<string, number>;
}

function Branch({ issuer, all, issued }: BranchProps) {
  const { id, name, status, role, key_algorithm, not_before, not_after } = issuer;
  const below = all.filter(({ parent_id }) => parent_id === id);
  const count = issued.get(id);
  return (
    <li>
      <div className="node">
        <p>
          <Link to="/issuers/$id" params={{ id }}>
            {name}
          </Link>{" "}
          <Badge state={status} />
        </p>
        <p className="muted">
          {role}, {key_algorithm}
          {count !== undefined && (
            <>
              ,{" "}
              <Link to="/certificates" search={{ issuer_id: id }}>
                {count.toLocaleString()} certificates
              </Link>
            </>
          )}
        </p>
        <LifeBar from={not_before} until={not_after} />
      </div>
      {below.length > 0 && (
        <ul>
          {below.map((child) => (
            <Branch key={child.id} issuer={child} all={all} issued={issued} />
          ))}
        </ul>
      )}
    </li>
  );
}
