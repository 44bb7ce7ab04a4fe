/** Who depends on a profile: a new version is theirs at once, unless they name an older one. */
import { Link } from "@tanstack/react-router";
import { useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Problem } from "../../parts/problem.tsx";

/** `name`, or `name@3` for one version. */
const pinned = (profile: string | null): string => {
  const version = profile?.split("@")[1];
  return version === undefined ? "" : ` (stays at version ${version})`;
};

const shownAtMost = 100;

export function Uses({ name }: { readonly name: string }) {
  const endpoints = useOperation(
    "enrolment-endpoints.list",
    { query: { limit: shownAtMost, profile: name } },
    useMay("enrolment:read"),
  );
  const identities = useOperation(
    "identities.list",
    { query: { limit: shownAtMost, profile: name } },
    useMay("identities:read"),
  );
  const failed = endpoints.error ?? identities.error;
  return (
    <>
      <h2>What uses it</h2>
      {failed !== null && <Problem error={failed} />}
      <ul>
        {(endpoints.data?.items ?? []).map(({ label, profile }) => (
          <li key={label}>
            endpoint{" "}
            <Link to="/enrolment/$label" params={{ label }}>
              {label}
            </Link>
            {pinned(profile)}
          </li>
        ))}
        {(identities.data?.items ?? []).map(({ id, name: identity, profile }) => (
          <li key={id}>
            identity{" "}
            <Link to="/identities/$id" params={{ id }}>
              {identity}
            </Link>
            {pinned(profile)}
          </li>
        ))}
        {(endpoints.data?.next_cursor ?? identities.data?.next_cursor ?? null) !== null && <li>and more</li>}
        <li>
          <Link to="/certificates" search={{ profile: name }}>
            Certificates issued under it
          </Link>
        </li>
      </ul>
    </>
  );
}
