import { useNavigate, useParams } from "@tanstack/react-router";
import { useChange, useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Facts } from "../../parts/facts.tsx";
import { ProfileLink } from "../../parts/names.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Moment } from "../../parts/time.tsx";
import { ClientRecipes } from "./client-recipes.tsx";
import { NewCredential } from "./new-credential.tsx";

export default function Endpoint() {
  const { label = "" } = useParams({ strict: false }) as { label?: string };
  const { data, error, refetch } = useOperation("enrolment-endpoints.get", { params: { label } });
  const remove = useChange("enrolment-endpoints.delete");
  const navigate = useNavigate();
  const mayWrite = useMay("enrolment:write");
  if (error !== null) return <Problem error={error} retry={() => void refetch()} />;
  if (data === undefined) return <p className="waiting">Loading…</p>;
  const disable = async (): Promise<void> => {
    await remove.mutateAsync({ params: { label } });
    await navigate({ to: "/enrolment" });
  };
  return (
    <>
      <div className="heading">
        <h1>
          {label} <Badge state={data.status} />
        </h1>
        {mayWrite && data.status === "active" && (
          <Confirm
            verb="Disable"
            object={label}
            consequence="Clients get nothing here any more. The label is never given to another endpoint."
            run={disable}
          />
        )}
      </div>
      <Facts
        facts={[
          ["Protocols", data.protocols.join(", ")],
          ["Profile", <ProfileLink key="p" profile={data.profile} />],
          ["Clients show", data.auth.join(", ")],
          ["Approval", data.approval],
          ["Names are proven", data.validate_names ? "yes" : "no"],
          ["Answers without label", data.default ? "yes" : null],
          ["Credentials", String(data.open_credentials)],
          ["Requests that wait", String(data.pending_requests)],
          ["Since", <Moment key="s" at={data.created_at} />],
        ]}
      />
      {mayWrite && data.status === "active" && data.auth.includes("secret") && <NewCredential endpoint={label} />}
      <ClientRecipes endpoint={data} />
    </>
  );
}
