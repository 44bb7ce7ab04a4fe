import { useState } from "react";
import type { Operations } from "../../api/generated.ts";
import { useChange, useOperation } from "../../api/hooks.ts";
import { Copy } from "../../parts/copy.tsx";
import { Field, Form } from "../../parts/form.tsx";

type Scope = Operations["access.create-token"]["body"]["scopes"][number];

export function NewToken() {
  const create = useChange("access.create-token");
  const roles = useOperation("access.roles", {});
  const [subject, setSubject] = useState("");
  const [role, setRole] = useState("viewer");
  const [days, setDays] = useState("90");
  const { error, data } = create;
  const scopes: readonly Scope[] = roles.data?.items.find(({ name }) => name === role)?.permissions ?? [];
  const submit = (): void => {
    const expires_at = days === "" ? undefined : new Date(Date.now() + Number(days) * 86_400_000).toISOString();
    create.mutate({ body: { subject, scopes, ...(expires_at !== undefined && { expires_at }) } });
  };
  return (
    <details className="card">
      <summary>New token</summary>
      <Form submit="Mint token" busy={create.isPending} error={error} fields={["subject", "scopes"]} onSubmit={submit}>
        <Field
          name="subject"
          label="Speaks for"
          hint="A person or a program, as the audit trail shall name it"
          error={error}
        >
          {(field) => <input {...field} required value={subject} onChange={({ target }) => setSubject(target.value)} />}
        </Field>
        <Field name="scopes" label="May do what this role may" error={error}>
          {(field) => (
            <select {...field} value={role} onChange={({ target }) => setRole(target.value)}>
              {(roles.data?.items ?? []).map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
        </Field>
        <Field name="expires_at" label="Days until it ends" hint="Empty: never" error={error}>
          {(field) => (
            <input {...field} inputMode="numeric" value={days} onChange={({ target }) => setDays(target.value)} />
          )}
        </Field>
      </Form>
      {typeof data?.token === "string" && (
        <>
          <p role="status">The token, shown this once:</p>
          <Copy text={data.token} label="token" />
        </>
      )}
    </details>
  );
}
