import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { Operations } from "../../api/generated.ts";
import { useChange, useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Copy } from "../../parts/copy.tsx";
import { Facts } from "../../parts/facts.tsx";
import { OwnerName, ProfileLink } from "../../parts/names.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Moment, When } from "../../parts/time.tsx";
import { nameOf } from "../certificates/certificates.tsx";
import { Lifecycle } from "./lifecycle.tsx";

type To = Operations["identities.transition"]["body"]["to"];
type Status = Operations["identities.get"]["response"]["status"];

interface Step {
  readonly to: To;
  readonly verb: string;
  /** For those that cannot be taken back. */
  readonly consequence?: string;
  /** A key is made here, and shown once. */
  readonly key?: true;
}

/** What a person may do next; the host decides again. */
const steps: Readonly<Record<Status, readonly Step[]>> = {
  requested: [
    { to: "issued", verb: "Issue, with a key made here", key: true },
    { to: "cancelled", verb: "Cancel", consequence: "It is never issued." },
  ],
  issued: [
    { to: "deployed", verb: "Mark as deployed" },
    { to: "revoked", verb: "Revoke", consequence: "All its live certificates are revoked at once." },
  ],
  deployed: [
    { to: "renewing", verb: "Renew, with a key made here", key: true },
    { to: "revoked", verb: "Revoke", consequence: "All its live certificates are revoked at once." },
  ],
  renewing: [
    { to: "deployed", verb: "Mark the new one as deployed" },
    { to: "revoked", verb: "Revoke", consequence: "All its live certificates are revoked at once." },
  ],
  revoked: [{ to: "retired", verb: "Retire", consequence: "It stays revoked and is put away." }],
  failed: [],
  retired: [],
  cancelled: [],
};

/** From a failure one goes on where it happened: shared/domain/identity/transitions.ts. */
const afterFailed: Partial<Record<Status, readonly Step[]>> = {
  issued: [
    { to: "issued", verb: "Try again, with a key made here", key: true },
    { to: "cancelled", verb: "Cancel", consequence: "It is not tried again." },
  ],
  renewing: [
    { to: "renewing", verb: "Try again, with a key made here", key: true },
    { to: "deployed", verb: "Stay with the deployed one" },
    { to: "revoked", verb: "Revoke", consequence: "All its live certificates are revoked at once." },
  ],
};

const stepsFrom = ({ status, failure }: Operations["identities.get"]["response"]): readonly Step[] =>
  status === "failed" && failure !== null ? (afterFailed[failure.retry_to] ?? []) : steps[status];

export default function Identity() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const { data, error, refetch } = useOperation("identities.get", { params: { id } });
  const transition = useChange("identities.transition");
  const mayWrite = useMay("identities:write");
  const [key, setKey] = useState<string>();
  if (error !== null) return <Problem error={error} retry={() => void refetch()} />;
  if (data === undefined) return <p className="waiting">Loading…</p>;
  const go = async ({ to, key: makes }: Step): Promise<void> => {
    const done = await transition.mutateAsync({ params: { id }, body: { to, ...(makes && { generate_key: true }) } });
    const made = (done as { readonly private_key?: string | null }).private_key;
    if (typeof made === "string") setKey(made);
  };
  return (
    <>
      <h1>
        {data.name} <Badge state={data.status} />
      </h1>
      <Lifecycle identity={data} />
      {transition.error !== null && <Problem error={transition.error} />}
      {key !== undefined && (
        <section className="card">
          <h2>The private key, shown this once</h2>
          <Copy text={key} label="private key (PEM)" />
        </section>
      )}
      {mayWrite && (
        <div className="actions">
          {stepsFrom(data).map((step) =>
            step.consequence === undefined ? (
              <button
                key={step.to}
                type="button"
                disabled={transition.isPending}
                onClick={() => void go(step).catch(() => undefined)}
              >
                {step.verb}
              </button>
            ) : (
              <Confirm
                key={step.to}
                verb={step.verb}
                object={data.name}
                consequence={step.consequence}
                run={() => go(step)}
              />
            ),
          )}
        </div>
      )}
      <Facts
        facts={[
          ["DNS names", data.dns_names.join(", ") || "none"],
          ["Owner", <OwnerName key="o" id={data.owner_id} />],
          data.certificate_id !== null && ["Certificate", <CertificateLink key="c" id={data.certificate_id} />],
          data.failure !== null && ["Failed", `${data.failure.detail} (${data.failure.code})`],
          ["Profile", <ProfileLink key="p" profile={data.profile ?? "default"} />],
          ["Since", <Moment key="s" at={data.created_at} />],
        ]}
      />
      <h2>History</h2>
      <ol className="history">
        {data.history.map(({ from, to, at, by, reason }) => (
          <li key={`${at}${to}`}>
            {from} → {to}, <When at={at} />, by {by}
            {reason !== null && `: ${reason}`}
          </li>
        ))}
      </ol>
    </>
  );
}

function CertificateLink({ id }: { readonly id: string }) {
  const { data } = useOperation("certificates.get", { params: { id } }, useMay("certs:read"));
  return (
    <>
      <Link to="/certificates/$id" params={{ id }}>
        {data === undefined ? id : nameOf(data)}
      </Link>
      {data !== undefined && (
        <>
          , ends <When at={data.not_after} />
        </>
      )}
    </>
  );
}
