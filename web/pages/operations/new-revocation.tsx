/** Revoking many: first they are counted, then a person types what they are of. */
import "./operations.css";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Operations as Api } from "../../api/generated.ts";
import { useChange, useOperation } from "../../api/hooks.ts";
import { useSession } from "../../app/session.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { useFilters } from "../../parts/filters.tsx";
import { Field, Form, wordsOf } from "../../parts/form.tsx";
import { Problem } from "../../parts/problem.tsx";
import { revocationReasons } from "../../parts/revocation-reasons.ts";
import { Sections } from "./sections.tsx";

type Body = Api["revocations.create"]["body"];
type Reason = NonNullable<Body["reason"]>;

const kinds = [
  ["issuer_id", "All that an issuer issued"],
  ["owner_id", "All of an owner"],
  ["profile", "All under a profile"],
  ["certificate_ids", "Some, by their ids"],
  ["all", "Every live certificate there is"],
] as const;
type Kind = (typeof kinds)[number][0];

export default function NewRevocation() {
  const { filters, set } = useFilters(["by", "of"]);
  const kind: Kind = kinds.find(([name]) => name === filters.by)?.[0] ?? "issuer_id";
  const of = filters.of ?? "";
  const [ids, setIds] = useState("");
  const [reason, setReason] = useState<Reason>("unspecified");
  const preview = useChange("revocations.create");
  const [asked, setAsked] = useState<Body>();
  const named = useNamed(kind);
  const which = filterOf(kind, of, wordsOf(ids));
  const same = JSON.stringify(asked) === JSON.stringify(which);
  const count = (): void => {
    setAsked(which);
    preview.mutate({ body: { ...which, mode: "preview", reason } });
  };
  return (
    <>
      <h1>Revoke many certificates</h1>
      <Sections />
      <p>Count them first: that revokes nothing. Certificates of CAs are never meant.</p>
      <Form
        submit="Count them"
        busy={preview.isPending}
        error={preview.error}
        fields={["issuer_id", "owner_id", "profile", "certificate_ids"]}
        onSubmit={count}
      >
        <Field name="kind" label="Which" error={null}>
          {(props) => (
            <select {...props} value={kind} onChange={({ target }) => set("by", target.value)}>
              {kinds.map(([name, text]) => (
                <option key={name} value={name}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </Field>
        {named !== undefined && (
          <Field name={kind} label={named.label} hint={named.hint} error={preview.error}>
            {(props) =>
              named.few && (of === "" || named.choices.some(({ id }) => id === of)) ? (
                <select {...props} value={of} onChange={({ target }) => set("of", target.value)}>
                  <option value="">Choose one</option>
                  {named.choices.map(({ id, name }) => (
                    <option key={id} value={id}>
                      {name}
                    </option>
                  ))}
                </select>
              ) : (
                <>
                  <input {...props} list="named" value={of} onChange={({ target }) => set("of", target.value)} />
                  <datalist id="named">
                    {named.choices.map(({ id, name }) => (
                      <option key={id} value={id}>
                        {name}
                      </option>
                    ))}
                  </datalist>
                </>
              )
            }
          </Field>
        )}
        {kind === "certificate_ids" && (
          <Field
            name={kind}
            label="Their ids"
            hint="At most 1,000, as the list of certificates has them"
            error={preview.error}
          >
            {(props) => <textarea {...props} value={ids} onChange={({ target }) => setIds(target.value)} />}
          </Field>
        )}
        <Field name="reason" label="Why" error={preview.error}>
          {(props) => (
            <select {...props} value={reason} onChange={({ target }) => setReason(target.value as Reason)}>
              {revocationReasons.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </Field>
      </Form>
      {preview.data !== undefined && same && (
        <Counted id={preview.data.id} body={{ ...which, reason }} object={objectOf(kind, of, named, wordsOf(ids))} />
      )}
    </>
  );
}

function filterOf(kind: Kind, of: string, ids: readonly string[]): Body {
  if (kind === "all") return { all: true };
  if (kind === "certificate_ids") return { certificate_ids: [...ids] };
  return of.trim() === "" ? {} : { [kind]: of.trim() };
}

interface Named {
  readonly label: string;
  readonly hint: string;
  /** All are offered, and they are few enough to choose from. */
  readonly few?: boolean;
  readonly choices: readonly { readonly id: string; readonly name: string }[];
}

const fewest = 20;

/** Things that people know by a name: the first hundred are offered, any id is taken. */
function useNamed(kind: Kind): Named | undefined {
  const query = { limit: 100 };
  const issuers = useOperation("issuers.list", { query }, kind === "issuer_id");
  const owners = useOperation("owners.list", { query }, kind === "owner_id");
  const profiles = useOperation("profiles.list", { query }, kind === "profile");
  if (kind === "issuer_id") {
    // What a root has issued are CAs, which are never meant.
    const choices = (issuers.data?.items ?? []).filter(({ role }) => role === "issuing");
    const few = issuers.data?.next_cursor === null && choices.length <= fewest;
    const hint = few ? "Also one that is retired" : "Find it by its name, or paste its id";
    return { label: "Issuer", hint, few, choices };
  }
  if (kind === "owner_id")
    return { label: "Owner", hint: "Find it by its name, or paste its id", choices: owners.data?.items ?? [] };
  if (kind === "profile") {
    const names = [...new Set((profiles.data?.items ?? []).map(({ name }) => name))];
    const choices = names.map((name) => ({ id: name, name }));
    return { label: "Profile", hint: "Its name, for every version of it, or name@version", choices };
  }
  return undefined;
}

function objectOf(kind: Kind, of: string, named: Named | undefined, ids: readonly string[]): string {
  if (kind === "all") return "every certificate";
  if (kind === "certificate_ids") return `${ids.length} certificates`;
  return named?.choices.find(({ id }) => id === of.trim())?.name ?? of.trim();
}

const everySeconds = 1;

interface CountedProps {
  /** Of the preview. */
  readonly id: string;
  readonly body: Body;
  readonly object: string;
}

function Counted({ id, body, object }: CountedProps) {
  const { data: job, error } = useOperation("revocations.get", { params: { id } }, true, everySeconds);
  const { tenant } = useSession();
  const revoke = useChange("revocations.create");
  const navigate = useNavigate();
  if (error !== null) return <Problem error={error} />;
  const known = job?.status === "done";
  const many = `${job?.matched} ${job?.matched === 1 ? "certificate" : "certificates"}`;
  const run = async (): Promise<void> => {
    const started = await revoke.mutateAsync({ body: { ...body, mode: "revoke" } });
    await navigate({ to: `/operations/revocations/${started.id}` });
  };
  return (
    <section className="card" aria-labelledby="counted">
      <h2 id="counted">Counted</h2>
      <p role="status">
        {known
          ? job.matched === 0
            ? "No live certificate is meant: there is nothing to revoke."
            : `${job.matched} live ${job.matched === 1 ? "certificate is" : "certificates are"} meant.`
          : `Counting… ${job?.matched ?? 0} so far.`}
      </p>
      {known && job.matched > 0 && (
        <Confirm
          verb="Revoke"
          object={body.all === true || body.certificate_ids !== undefined ? object : `${many} of ${object}`}
          typed={object}
          consequence={`In ${tenant} that is ${many} now, and those that come to be meant until the job gets there. That cannot be taken back: whoever checks OCSP or the CRL stops trusting them.`}
          run={run}
        />
      )}
    </section>
  );
}
