/** What a link has narrowed a list to, each to be taken off again: filters that have no field of their own. */
import type { ReactNode } from "react";

interface NarrowingsProps<N extends string> {
  /** By the filter's name: what people read. */
  readonly texts: Readonly<Partial<Record<N, (value: string) => ReactNode>>>;
  readonly filters: Partial<Record<N, string>>;
  readonly set: (name: N, value: string) => void;
}

export function Narrowings<N extends string>({ texts, filters, set }: NarrowingsProps<N>) {
  const shown = (Object.keys(texts) as N[]).filter((name) => filters[name] !== undefined);
  if (shown.length === 0) return null;
  return (
    <ul className="narrowings" aria-label="Narrowed to">
      {shown.map((name) => (
        <li key={name}>
          <span>{texts[name]?.(filters[name] ?? "")}</span>
          <button type="button" aria-label={`Take off: ${name.replaceAll("_", " ")}`} onClick={() => set(name, "")}>
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}
