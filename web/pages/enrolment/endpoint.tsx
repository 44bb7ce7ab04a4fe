import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useChange, useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Copy } from "../../parts/copy.tsx";
import { Facts } from "../../parts/facts.tsx";
import { wordsOf } from "../../parts/form.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Moment } from "../../parts/time.tsx";
import { recipesFor } from "./recipes.ts";

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
          ["Profile", data.profile],
          ["Clients show", data.auth.join(", ")],
          ["Approval", data.approval],
          ["Names are proven", data.validate_names ? "yes" : "no"],
          ["Answers without label", data.default ? "yes" : null],
          ["Credentials", String(data.open_credentials)],
          ["Requests that wait", String(data.pending_requests)],
          ["Since", <Moment key="s" at={data.created_at} />],
        ]}
      />
      {mayWrite && data.status === "active" && <NewCredential endpoint={label} />}
      <h2>For your clients</h2>
      {recipesFor(location.origin, label, data.protocols).map(({ protocol, client, command }) => (
        <section key={client}>
          <h3>
            {protocol.toUpperCase()}: {client}
          </h3>
          <Copy text={command} label={`${client} command`} />
        </section>
      ))}
    </>
  );
}

function NewCredential({ endpoint }: { readonly endpoint: string }) {
  const create = useChange("enrolment-credentials.create");
  const [names, setNames] = useState("");
  const list = wordsOf(names);
  return (
    <section className="card">
      <h2>A credential for a client</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({ body: { endpoint, ...(list.length > 0 && { names: list }) } });
        }}
      >
        <div className="field">
          <label htmlFor="names">Only for these names</label>
          <input
            id="names"
            value={names}
            onChange={({ target }) => setNames(target.value)}
            aria-describedby="names-hint"
          />
          <p id="names-hint" className="hint">
            Optional, separated by spaces. Good for one certificate.
          </p>
        </div>
        <button type="submit" disabled={create.isPending}>
          Make a credential
        </button>
      </form>
      {create.error !== null && <Problem error={create.error} />}
      {typeof create.data?.secret === "string" && (
        <>
          <p>Shown this once:</p>
          <Copy text={`${create.data.id}:${create.data.secret}`} label="credential:secret" />
        </>
      )}
    </section>
  );
}
