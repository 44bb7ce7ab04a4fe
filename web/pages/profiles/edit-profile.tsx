import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useChange, useOperation } from "../../api/hooks.ts";
import { ChoiceFilter, Filters, useFilters } from "../../parts/filters.tsx";
import { Field, Form } from "../../parts/form.tsx";
import { Problem } from "../../parts/problem.tsx";
import { DifferenceTable } from "./difference-table.tsx";
import { blank, type Spec, settings } from "./spec.ts";
import { SpecFields } from "./spec-fields.tsx";
import { useActiveProfile } from "./use-active-profile.ts";

/** `/profiles/new`: of nothing, or like another one. */
export function NewProfile() {
  const { filters, set } = useFilters(["like"]);
  const all = useOperation("profiles.list", { query: { limit: 100 } });
  if (all.error !== null) return <Problem error={all.error} retry={() => void all.refetch()} />;
  if (all.data === undefined) return <p className="waiting">Loading…</p>;
  const like = all.data.items.find(({ name }) => name === filters.like);
  return (
    <>
      <h1>New profile</h1>
      <Filters>
        <ChoiceFilter
          label="Begin with the settings of"
          value={filters.like ?? ""}
          choices={[["", "no other profile"], ...all.data.items.map(({ name }) => [name, name] as const)]}
          onChange={(value) => set("like", value)}
        />
      </Filters>
      <SpecForm key={filters.like ?? ""} start={like?.spec ?? blank} submit="Create profile" />
    </>
  );
}

/** `/profiles/$name/edit`: the next version, from the active one or an older one. */
export function NewVersion() {
  const { name = "" } = useParams({ strict: false }) as { name?: string };
  const { filters } = useFilters(["from"]);
  const active = useActiveProfile(name);
  const from = Number(filters.from ?? active.data?.version ?? 0);
  const start = useOperation("profiles.get", { params: { name, version: from } }, from > 0);
  const error = active.error ?? start.error;
  if (error !== null) return <Problem error={error} retry={() => void start.refetch()} />;
  if (active.data === undefined || start.data === undefined) return <p className="waiting">Loading…</p>;
  const { version, spec } = active.data;
  return (
    <>
      <h1>
        {name}: version {version + 1}
      </h1>
      <p>
        It is used for every certificate that is issued from then on.
        {from !== version && ` Its settings begin as those of version ${from}.`}
      </p>
      <SpecForm start={start.data.spec} submit={`Create version ${version + 1}`} replaces={{ name, version, spec }} />
    </>
  );
}

interface SpecFormProps {
  readonly start: Spec;
  readonly submit: string;
  /** The version that it will take the place of. Absent: a new profile, whose name is asked for. */
  readonly replaces?: { readonly name: string; readonly version: number; readonly spec: Spec };
}

const fields = ["name", ...settings.map((setting) => `spec.${setting}`)];

function SpecForm({ start, submit, replaces }: SpecFormProps) {
  const create = useChange("profiles.create");
  const navigate = useNavigate();
  const [name, setName] = useState(replaces?.name ?? "");
  const [spec, setSpec] = useState(start);
  const { error } = create;
  const send = (): void =>
    create.mutate(
      { body: { name, spec } },
      { onSuccess: () => void navigate({ to: "/profiles/$name", params: { name } }) },
    );
  return (
    <Form submit={submit} busy={create.isPending} error={error} fields={fields} onSubmit={send}>
      {replaces === undefined && (
        <Field name="name" label="Name" hint="Lower-case letters, digits and -; it stays" error={error}>
          {(field) => <input {...field} value={name} onChange={({ target }) => setName(target.value)} />}
        </Field>
      )}
      <SpecFields spec={spec} error={error} onChange={(change) => setSpec((before) => ({ ...before, ...change }))} />
      {replaces !== undefined && (
        <section aria-live="polite">
          <h2>What changes</h2>
          <DifferenceTable before={replaces.spec} after={spec} titles={[`Version ${replaces.version}, now`, submit]} />
        </section>
      )}
    </Form>
  );
}
