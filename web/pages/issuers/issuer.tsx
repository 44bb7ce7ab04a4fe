import { Link, useParams } from "@tanstack/react-router";
import { useChange, useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Copy } from "../../parts/copy.tsx";
import { Facts } from "../../parts/facts.tsx";
import { LifeBar } from "../../parts/life-bar.tsx";
import { IssuerLink } from "../../parts/names.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Moment } from "../../parts/time.tsx";
import { ChainPath } from "./chain-path.tsx";

export default function Issuer() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const { data, error, refetch } = useOperation("issuers.get", { params: { id } });
  const summary = useOperation("certificates.summary", {}, useMay("certs:read"));
  const retire = useChange("issuers.retire");
  const mayWrite = useMay("issuers:write");
  if (error !== null) return <Problem error={error} retry={() => void refetch()} />;
  if (data === undefined) return <p className="waiting">Loading…</p>;
  const counts = summary.data?.by_issuer.find(({ issuer_id }) => issuer_id === id);
  return (
    <>
      <div className="heading">
        <h1>
          {data.name} <Badge state={data.status} />
        </h1>
        {data.status === "active" && mayWrite && (
          <Confirm
            verb="Retire"
            object={data.name}
            consequence="It issues nothing any more, for ever. What it has issued stays valid, and its OCSP and CRLs go on."
            run={() => retire.mutateAsync({ params: { id } })}
          />
        )}
      </div>
      <ChainPath issuer={id} />
      <Facts
        facts={[
          ["Role", data.role],
          ["Subject", data.subject],
          ["Key", `${data.key_algorithm}, kept: ${data.key_backend}`],
          ["Valid until", <Moment key="u" at={data.not_after} />],
          ["Life", <LifeBar key="l" from={data.not_before} until={data.not_after} />],
          ["Only for", data.permitted_dns.length === 0 ? "any name" : data.permitted_dns.join(", ")],
          data.parent_id !== null && ["Certified by", <IssuerLink key="p" id={data.parent_id} />],
          counts !== undefined && [
            "Issued",
            <Link key="n" to="/certificates" search={{ issuer_id: id }}>
              {counts.issued.toLocaleString()} certificates, {counts.revoked.toLocaleString()} of them revoked
            </Link>,
          ],
          ["OCSP", <code key="o">{data.ocsp_url}</code>],
          ["CRLs", <code key="c">{data.crl_urls.join(" ")}</code>],
        ]}
      />
      <h2>Certificate and chain</h2>
      <Copy text={[data.certificate, ...data.chain].join("")} label="certificate and chain (PEM)" />
    </>
  );
}
