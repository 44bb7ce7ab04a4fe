import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { Operations } from "../../api/generated.ts";
import { useChange, useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Copy, Download } from "../../parts/copy.tsx";
import { Facts } from "../../parts/facts.tsx";
import { LifeBar } from "../../parts/life-bar.tsx";
import { IdentityLink, IssuerLink, OwnerName, ProfileLink } from "../../parts/names.tsx";
import { Problem } from "../../parts/problem.tsx";
import { revocationReasons } from "../../parts/revocation-reasons.ts";
import { Moment } from "../../parts/time.tsx";
import { ChainPath } from "../issuers/chain-path.tsx";
import { nameOf } from "./certificates.tsx";

type Reason = NonNullable<Operations["certificates.revoke"]["body"]["reason"]>;

const otherCertificate = (id: string | null) =>
  id === null ? null : (
    <Link to="/certificates/$id" params={{ id }}>
      {id}
    </Link>
  );

export default function Certificate() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const { data, error, refetch } = useOperation("certificates.get", { params: { id } });
  const mayRevoke = useMay("certs:issue");
  if (error !== null) return <Problem error={error} retry={() => void refetch()} />;
  if (data === undefined) return <p className="waiting">Loading…</p>;
  const live = data.status === "active" || data.status === "superseded";
  const bundle = [data.certificate, ...data.chain].join("");
  return (
    <>
      <div className="heading">
        <h1>
          {nameOf(data)} <Badge state={data.status} />
        </h1>
        {live && mayRevoke && data.kind === "leaf" && <Revoke id={id} name={nameOf(data)} />}
      </div>
      <ChainPath issuer={data.issuer_id} leaf={nameOf(data)} />
      <Facts
        facts={[
          ["Subject", data.subject || "(empty)"],
          ["Names", <Names key="n" names={data.sans} />],
          ["Valid from", <Moment key="f" at={data.not_before} />],
          ["Valid until", <Moment key="u" at={data.not_after} />],
          ["Life", <LifeBar key="l" from={data.not_before} until={data.not_after} />],
          data.revoked_at !== null && ["Revoked", <Moment key="r" at={data.revoked_at} />],
          ["Reason", data.revocation_reason],
          ["Issuer", <IssuerLink key="i" id={data.issuer_id} />],
          ["Owner", data.owner_id === null ? "nobody" : <OwnerName key="o" id={data.owner_id} />],
          data.identity_id !== null && ["Identity", <IdentityLink key="d" id={data.identity_id} />],
          data.profile !== null && ["Profile", <ProfileLink key="p" profile={data.profile} />],
          ["Came by", data.endpoint === null ? data.protocol : `${data.protocol}, endpoint ${data.endpoint}`],
          ["Replaces", otherCertificate(data.replaces_id)],
          ["Replaced by", otherCertificate(data.replaced_by_id)],
          ["Serial number", <code key="s">{data.serial}</code>],
          ["SHA-256", <code key="h">{data.fingerprint}</code>],
          ["Key", data.key_algorithm],
        ]}
      />
      <h2>Certificate and chain</h2>
      <Copy text={bundle} label="certificate and chain (PEM)" />
      <Download text={bundle} name={`${data.serial}.pem`} type="application/x-pem-file" />
    </>
  );
}

/** One a line: lists of names are compared, not read. */
const Names = ({ names }: { readonly names: readonly string[] }) =>
  names.length === 0 ? (
    <>none</>
  ) : (
    <ul className="plain">
      {names.map((name) => (
        <li key={name}>{name}</li>
      ))}
    </ul>
  );

function Revoke({ id, name }: { readonly id: string; readonly name: string }) {
  const revoke = useChange("certificates.revoke");
  const [reason, setReason] = useState<Reason>("unspecified");
  return (
    <Confirm
      verb="Revoke"
      object={name}
      consequence="Revoking cannot be taken back. OCSP and the CRL say so at once, and whoever checks them stops trusting it."
      run={() => revoke.mutateAsync({ params: { id }, body: { reason } })}
    >
      <div className="field">
        <label htmlFor="reason">Why</label>
        <select id="reason" value={reason} onChange={({ target }) => setReason(target.value as Reason)}>
          {revocationReasons.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </div>
    </Confirm>
  );
}
