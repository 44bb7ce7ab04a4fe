/** What people call a thing, in place of its id; the id where the name cannot be read. */
import { Link } from "@tanstack/react-router";
import { useOperation } from "../api/hooks.ts";
import { useMay } from "../app/session.tsx";

interface OfId {
  readonly id: string;
}

export function IssuerName({ id }: OfId) {
  const { data } = useOperation("issuers.get", { params: { id } }, useMay("issuers:read"));
  return <>{data?.name ?? id}</>;
}

export const IssuerLink = ({ id }: OfId) => (
  <Link to="/issuers/$id" params={{ id }}>
    <IssuerName id={id} />
  </Link>
);

export function OwnerName({ id }: OfId) {
  const { data } = useOperation("owners.get", { params: { id } }, useMay("owners:read"));
  return <>{data?.name ?? id}</>;
}

export function IdentityLink({ id }: OfId) {
  const { data } = useOperation("identities.get", { params: { id } }, useMay("identities:read"));
  return (
    <Link to="/identities/$id" params={{ id }}>
      {data?.name ?? id}
    </Link>
  );
}

/** `name@version` of a profile. */
export function ProfileLink({ profile }: { readonly profile: string }) {
  const [name = "", version] = profile.split("@");
  return (
    <Link to="/profiles/$name" params={{ name }} search={version === undefined ? {} : { version }}>
      {version === undefined ? name : `${name}, version ${version}`}
    </Link>
  );
}
