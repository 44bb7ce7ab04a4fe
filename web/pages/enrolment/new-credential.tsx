/** A secret for a client: shown once, for some names or any, for one certificate or many. */
import { useState } from "react";
import { useChange } from "../../api/hooks.ts";
import { Copy } from "../../parts/copy.tsx";
import { Field, Form, wordsOf } from "../../parts/form.tsx";

export function NewCredential({ endpoint }: { readonly endpoint: string }) {
  const create = useChange("enrolment-credentials.create");
  const [names, setNames] = useState("");
  const [uses, setUses] = useState("1");
  const { data, error } = create;
  const list = wordsOf(names);
  const send = (): void =>
    create.mutate({ body: { endpoint, max_uses: Number(uses), ...(list.length > 0 && { names: list }) } });
  return (
    <details className="card">
      <summary>A credential for a client</summary>
      <Form
        submit="Make a credential"
        busy={create.isPending}
        error={error}
        fields={["names", "max_uses"]}
        onSubmit={send}
      >
        <Field name="names" label="Only for these names" hint="Optional, separated by spaces" error={error}>
          {(field) => <input {...field} value={names} onChange={({ target }) => setNames(target.value)} />}
        </Field>
        <Field name="max_uses" label="Good for" hint="An ACME account needs any number" error={error}>
          {(field) => (
            <select {...field} value={uses} onChange={({ target }) => setUses(target.value)}>
              <option value="1">one certificate</option>
              <option value="10">ten certificates</option>
              <option value="0">any number of certificates</option>
            </select>
          )}
        </Field>
      </Form>
      {typeof data?.secret === "string" && (
        <>
          <p role="status">Shown this once; the commands below go by it:</p>
          <Copy text={`export ID=${data.id} SECRET=${data.secret}`} label="credential" />
        </>
      )}
    </details>
  );
}
