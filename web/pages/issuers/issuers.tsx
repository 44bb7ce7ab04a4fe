import { useState } from "react";
import type { Operations } from "../../api/generated.ts";
import { useChange, useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Download } from "../../parts/copy.tsx";
import { Field, Form, wordsOf } from "../../parts/form.tsx";
import { Problem } from "../../parts/problem.tsx";
import { ChainTree } from "./chain-tree.tsx";

type KeyAlgorithm = NonNullable<Operations["issuers.create"]["body"]["key_algorithm"]>;
const keyAlgorithms: readonly KeyAlgorithm[] = ["P-256", "P-384", "RSA-3072", "Ed25519", "ML-DSA-65"];

export default function Issuers() {
  const issuers = useOperation("issuers.list", { query: { limit: 100 } });
  const root = useOperation("issuers.root", {});
  const mayWrite = useMay("issuers:write");
  return (
    <>
      <div className="heading">
        <h1>Issuers</h1>
        {root.data !== undefined && (
          <Download text={root.data.certificate} name="root.pem" type="application/x-pem-file" />
        )}
      </div>
      {issuers.error !== null && <Problem error={issuers.error} retry={() => void issuers.refetch()} />}
      {mayWrite && <NewIssuer />}
      {issuers.data === undefined ? <p className="waiting">Loading…</p> : <ChainTree issuers={issuers.data.items} />}
      {(issuers.data?.next_cursor ?? null) !== null && (
        <p>
          The first hundred; <code>trstctl issuers list</code> has all.
        </p>
      )}
    </>
  );
}

function NewIssuer() {
  const create = useChange("issuers.create");
  const [name, setName] = useState("");
  const [algorithm, setAlgorithm] = useState<KeyAlgorithm>("P-256");
  const [domains, setDomains] = useState("");
  const { error } = create;
  const permitted = wordsOf(domains);
  const submit = (): void =>
    create.mutate(
      { body: { name, key_algorithm: algorithm, ...(permitted.length > 0 && { permitted_dns: permitted }) } },
      { onSuccess: () => setName("") },
    );
  return (
    <details className="card">
      <summary>New issuing CA</summary>
      <Form
        submit="Create issuing CA"
        busy={create.isPending}
        error={error}
        fields={["name", "key_algorithm", "permitted_dns"]}
        onSubmit={submit}
      >
        <Field name="name" label="Name" hint="Stands in every certificate that it issues" error={error}>
          {(field) => <input {...field} required value={name} onChange={({ target }) => setName(target.value)} />}
        </Field>
        <Field name="key_algorithm" label="Key" error={error}>
          {(field) => (
            <select {...field} value={algorithm} onChange={({ target }) => setAlgorithm(target.value as KeyAlgorithm)}>
              {keyAlgorithms.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          )}
        </Field>
        <Field
          name="permitted_dns"
          label="Only for these domains"
          hint="Optional. A name constraint: it is for ever, and its signer holds to it"
          error={error}
        >
          {(field) => <input {...field} value={domains} onChange={({ target }) => setDomains(target.value)} />}
        </Field>
      </Form>
    </details>
  );
}
