/** What a list is narrowed to stands in the URL: it can be kept, sent and gone back to. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect, useId, useState } from "react";

type Search = Readonly<Record<string, string | undefined>>;

/** @param names of the filters of this page; others in the URL are not its own */
export function useFilters<N extends string>(names: readonly N[]) {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const filters = Object.fromEntries(
    names.flatMap((name) => (search[name] === undefined || search[name] === "" ? [] : [[name, String(search[name])]])),
  ) as Partial<Record<N, string>>;
  const set = (name: N, value: string): void =>
    void navigate({
      to: ".",
      search: (before: Search) => {
        const { [name]: _, ...rest } = before;
        return value === "" ? rest : { ...rest, [name]: value };
      },
      replace: true,
    } as Parameters<typeof navigate>[0]);
  return { filters, set };
}

interface TextFilterProps {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

const pauseMs = 250;

/** Searches when typing pauses. */
export function TextFilter({ label, hint, value, onChange }: TextFilterProps) {
  const [text, setText] = useState(value);
  const id = useId();
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return undefined;
    const timer = setTimeout(() => onChange(text.trim()), pauseMs);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <div className="filter">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="search"
        value={text}
        onChange={({ target }) => setText(target.value)}
        aria-describedby={`${id}-hint`}
      />
      <p id={`${id}-hint`} className="hint">
        {hint}
      </p>
    </div>
  );
}

interface ChoiceFilterProps {
  readonly label: string;
  readonly value: string;
  /** Value and what people read. */
  readonly choices: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
}

export function ChoiceFilter({ label, value, choices, onChange }: ChoiceFilterProps) {
  const id = useId();
  return (
    <div className="filter">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={({ target }) => onChange(target.value)}>
        {choices.map(([choice, text]) => (
          <option key={choice} value={choice}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

export const Filters = ({ children }: { readonly children: ReactNode }) => (
  <search className="filters">{children}</search>
);
