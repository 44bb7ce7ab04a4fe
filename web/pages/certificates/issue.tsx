import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useChange, useOperation } from "../../api/hooks.ts";
import { Copy, Download } from "../../parts/copy.tsx";
import { Field, Form } from "../../parts/form.tsx";
import { nameOf } from "./certificates.tsx";

const request = `openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout app.key \\
  -subj /CN=app.example.test -addext subjectAltName=DNS:app.example.test -out app.csr`;

export default function Issue() {
  const issue = useChange("certificates.issue");
  const profiles = useOperation("profiles.list", { query: { limit: 100 } });
  const owners = useOperation("owners.list", { query: { limit: 100 } });
  const [csr, setCsr] = useState("");
  const [profile, setProfile] = useState("default");
  const [owner, setOwner] = useState("");
  const { error } = issue;
  if (issue.data !== undefined) return <Issued certificate={issue.data} another={() => issue.reset()} />;
  const names = [...new Set((profiles.data?.items ?? []).filter(({ active }) => active).map(({ name }) => name))];
  return (
    <>
      <h1>Issue a certificate</h1>
      <p>The private key stays where it is made. Make one, and a certificate request for it:</p>
      <Copy text={request} label="command" />
      <Form
        submit="Issue"
        busy={issue.isPending}
        error={error}
        fields={["csr", "profile", "owner_id"]}
        onSubmit={() => issue.mutate({ body: { csr, profile, ...(owner !== "" && { owner_id: owner }) } })}
      >
        <Field name="csr" label="Certificate request" hint="The content of app.csr, PEM" error={error}>
          {(field) => (
            <textarea
              {...field}
              required
              spellCheck={false}
              value={csr}
              onChange={({ target }) => setCsr(target.value)}
            />
          )}
        </Field>
        <Field name="profile" label="Profile" hint="Decides what may stand in it, and for how long" error={error}>
          {(field) => (
            <select {...field} value={profile} onChange={({ target }) => setProfile(target.value)}>
              {(names.length === 0 ? ["default"] : names).map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
        </Field>
        <Field name="owner_id" label="Owner" hint="Who is asked when it is about to expire" error={error}>
          {(field) => (
            <select {...field} value={owner} onChange={({ target }) => setOwner(target.value)}>
              <option value="">Nobody yet</option>
              {(owners.data?.items ?? []).map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
      </Form>
    </>
  );
}

interface IssuedProps {
  readonly certificate: NonNullable<ReturnType<typeof useChange<"certificates.issue">>["data"]>;
  readonly another: () => void;
}

function Issued({ certificate, another }: IssuedProps) {
  const bundle = [certificate.certificate, ...certificate.chain].join("");
  return (
    <>
      <h1>Issued: {nameOf(certificate)}</h1>
      <Copy text={bundle} label="certificate and chain (PEM)" />
      <div className="actions">
        <Download text={bundle} name={`${certificate.serial}.pem`} type="application/x-pem-file" />
        <Link to="/certificates/$id" params={{ id: certificate.id }} className="button">
          Look at it
        </Link>
        <button type="button" onClick={another}>
          Issue another
        </button>
      </div>
    </>
  );
}
