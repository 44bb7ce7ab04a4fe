import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Operations } from "../../api/generated.ts";
import { useChange, useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Choices } from "../../parts/choices.tsx";
import { Field, Form } from "../../parts/form.tsx";

type Body = Operations["enrolment-endpoints.create"]["body"];
type Auth = NonNullable<Body["auth"]>[number];

/** Which of them the host serves is the host's to say. */
const protocols = ["acme", "est", "scep", "cmp"] as const;
const authSet: Readonly<Record<Auth, true>> = { secret: true, open: true, token: true, certificate: true };
const auths = Object.keys(authSet) as readonly Auth[];

export function NewEndpoint() {
  const create = useChange("enrolment-endpoints.create");
  const navigate = useNavigate();
  const profiles = useOperation("profiles.list", { query: { limit: 100 } }, useMay("profiles:read"));
  const [label, setLabel] = useState("");
  const [served, setServed] = useState<readonly (typeof protocols)[number][]>(protocols);
  const [auth, setAuth] = useState<readonly Auth[]>(["secret"]);
  const [profile, setProfile] = useState("default");
  const [approval, setApproval] = useState<"automatic" | "manual">("automatic");
  const { error } = create;
  const names = profiles.data?.items.map(({ name }) => name) ?? ["default"];
  const send = (): void =>
    create.mutate(
      { body: { label, protocols: served, auth, profile, approval } },
      { onSuccess: () => void navigate({ to: "/enrolment/$label", params: { label } }) },
    );
  return (
    <details className="card">
      <summary>New endpoint</summary>
      <Form
        submit="Create endpoint"
        busy={create.isPending}
        error={error}
        fields={["label", "protocols", "auth", "profile", "approval"]}
        onSubmit={send}
      >
        <Field name="label" label="Label" hint="a-z, 0-9 and -, 3 to 63; never given to another" error={error}>
          {(field) => <input {...field} required value={label} onChange={({ target }) => setLabel(target.value)} />}
        </Field>
        <Choices
          name="protocols"
          label="Protocols"
          error={error}
          choices={protocols}
          chosen={served}
          onChange={setServed}
        />
        <Choices
          name="auth"
          label="Clients show"
          hint="open: nothing, they prove control of each name (ACME). secret: a credential. token: an API token. certificate: the one that is to be renewed"
          error={error}
          choices={auths}
          chosen={auth}
          onChange={setAuth}
        />
        <Field name="profile" label="Profile" hint="Decides what may stand in a certificate" error={error}>
          {(field) => (
            <select {...field} value={profile} onChange={({ target }) => setProfile(target.value)}>
              {names.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
        </Field>
        <Field name="approval" label="Approval" error={error}>
          {(field) => (
            <select {...field} value={approval} onChange={({ target }) => setApproval(target.value as typeof approval)}>
              <option value="automatic">What the profile allows is issued</option>
              <option value="manual">A person decides on each request</option>
            </select>
          )}
        </Field>
      </Form>
    </details>
  );
}
