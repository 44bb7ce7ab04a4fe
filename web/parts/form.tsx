/** Forms that lose nothing: what was typed stays until the host has it, and a refusal stands at the field it is about. */
import { type FormEvent, type ReactNode, useEffect, useId, useRef } from "react";
import { ApiError, type Refusal } from "../api/client.ts";
import { Problem } from "./problem.tsx";

const refusalsOf = (error: Error | null): readonly Refusal[] => (error instanceof ApiError ? error.refusals : []);

/** An element of a list is at the list's field. */
const isAt = (name: string, field: string): boolean => field === name || field.startsWith(`${name}.`);

/** What the host refused about this field and what is in it. */
export function refusalAt(error: Error | null, name: string): string | undefined {
  const details = refusalsOf(error).flatMap(({ field, detail }) => (isAt(name, field) ? [detail] : []));
  return details.length === 0 ? undefined : [...new Set(details)].join("; ");
}

interface FormProps {
  readonly submit: string;
  readonly busy: boolean;
  readonly error: Error | null;
  /** Names of fields that show their own refusal. */
  readonly fields: readonly string[];
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}

export function Form({ submit, busy, error, fields, onSubmit, children }: FormProps) {
  const send = (event: FormEvent): void => {
    event.preventDefault();
    onSubmit();
  };
  const form = useRef<HTMLFormElement>(null);
  // Who does not see the page is taken to what must be mended.
  useEffect(() => {
    if (error !== null) form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [error]);
  const refusals = refusalsOf(error);
  const atFields = refusals.length > 0 && refusals.every(({ field }) => fields.some((name) => isAt(name, field)));
  return (
    <form ref={form} onSubmit={send} noValidate>
      {children}
      {error !== null && !atFields && <Problem error={error} />}
      <div className="actions">
        <button type="submit" className="primary" disabled={busy}>
          {busy ? "Working…" : submit}
        </button>
      </div>
    </form>
  );
}

interface FieldProps {
  /** As the API calls it. */
  readonly name: string;
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error: Error | null;
  readonly children: (props: {
    readonly id: string;
    readonly name: string;
    readonly "aria-describedby"?: string;
    readonly "aria-invalid"?: true;
  }) => ReactNode;
}

interface Noted {
  readonly name: string;
  readonly hint?: ReactNode;
  readonly error: Error | null;
}

/** What stands below a control: the hint, and what the host refused about it. */
export function useNotes({ name, hint, error }: Noted) {
  const id = useId();
  const refusal = refusalAt(error, name);
  const described = [hint !== undefined && `${id}-hint`, refusal !== undefined && `${id}-error`].filter(Boolean);
  return {
    id,
    refusal,
    describedBy: described.length > 0 ? { "aria-describedby": described.join(" ") } : {},
    notes: (
      <>
        {hint !== undefined && (
          <p id={`${id}-hint`} className="hint">
            {hint}
          </p>
        )}
        {refusal !== undefined && (
          <p id={`${id}-error`} className="refusal" role="alert">
            {refusal}
          </p>
        )}
      </>
    ),
  };
}

export function Field({ name, label, hint, error, children }: FieldProps) {
  const { id, refusal, describedBy, notes } = useNotes({ name, hint, error });
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, name, ...describedBy, ...(refusal !== undefined && { "aria-invalid": true as const }) })}
      {notes}
    </div>
  );
}

/** What was typed as a list, with spaces or commas between. */
export const wordsOf = (text: string): readonly string[] => text.split(/[\s,]+/).filter(Boolean);
