import "./operations.css";
import { Link, useParams } from "@tanstack/react-router";
import type { Operations as Api } from "../../api/generated.ts";
import { useChange, useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Facts } from "../../parts/facts.tsx";
import { IssuerLink } from "../../parts/names.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Moment } from "../../parts/time.tsx";
import { isOver, Scope } from "./revocations.tsx";
import { Sections } from "./sections.tsx";

type Job = Api["revocations.get"]["response"];

const everySeconds = 2;
/** A slice takes half a second. */
const stuckMs = 30_000;

export default function Revocation() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const { data: job, error, refetch } = useOperation("revocations.get", { params: { id } }, true, everySeconds);
  const mayRevoke = useMay("certs:issue");
  const cancel = useChange("revocations.cancel");
  if (error !== null) return <Problem error={error} retry={() => void refetch()} />;
  if (job === undefined) return <p className="waiting">Loading…</p>;
  return (
    <>
      <div className="heading">
        <h1>
          Bulk revocation <Badge state={job.status} />
        </h1>
        {!isOver(job) && mayRevoke && (
          <Confirm
            verb="Stop"
            object={`revoking ${job.matched} certificates`}
            consequence="What is revoked stays revoked; nothing more is."
            run={() => cancel.mutateAsync({ params: { id } })}
          />
        )}
      </div>
      <Sections />
      <Progress job={job} />
      <Facts
        facts={[
          ["Of", <Scope key="of" job={job} />],
          job.issuer_id !== null && ["Issuer", <IssuerLink key="i" id={job.issuer_id} />],
          ["Reason", job.reason],
          job.mode === "revoke" && ["CRLs that are to follow", job.crls_pending === 0 ? "none" : job.crls_pending],
          ["Asked for by", job.requested_by],
          ["Begun", <Moment key="c" at={job.created_at} />],
          ["Last step", <Moment key="u" at={job.updated_at} />],
          ["Id", <code key="id">{job.id}</code>],
        ]}
      />
    </>
  );
}

/** The job has no failures of its own: what keeps it from going on is the outbox's to say. */
function Progress({ job }: { readonly job: Job }) {
  const { status, mode, matched, revoked, crls_pending, updated_at } = job;
  const waits = !isOver(job) || crls_pending > 0;
  const stuck = waits && Date.now() - Date.parse(updated_at) > stuckMs;
  const said =
    status === "counting"
      ? `${matched} counted so far`
      : mode === "preview"
        ? `${matched} ${matched === 1 ? "certificate is" : "certificates are"} meant; none was revoked`
        : `${revoked} of ${matched} revoked`;
  return (
    <div className="progress">
      {mode === "revoke" && <progress aria-label="Revoked" max={Math.max(1, matched)} value={revoked} />}
      <p role="status">
        {said}
        {status === "cancelled" && "; it was stopped"}
        {status === "done" && mode === "revoke" && revoked < matched && "; the others ended or were revoked meanwhile"}
      </p>
      {stuck && (
        <p className="problem">
          It has made no step for a while. What keeps it stands in{" "}
          <Link to="/operations/outbox" search={{ status: "pending", destination: "revocation.advance" }}>
            the outbox
          </Link>
          ; it goes on by itself when that is mended.
        </p>
      )}
    </div>
  );
}
