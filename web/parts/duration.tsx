/** A length of time as people say it; the API has seconds. */
import { useState } from "react";

const units = [
  ["days", 86_400],
  ["hours", 3_600],
  ["minutes", 60],
  ["seconds", 1],
] as const;

const unitOf = (seconds: number) => units.find(([, length]) => seconds > 0 && seconds % length === 0) ?? units[3];

/** `90 days`, `36 hours`, `61 seconds`: exactly. */
export function durationText(seconds: number): string {
  const [name, length] = unitOf(seconds);
  const count = seconds / length;
  return `${count} ${count === 1 ? name.slice(0, -1) : name}`;
}

interface DurationProps {
  /** From `Field`. */
  readonly field: { readonly id: string; readonly name: string };
  readonly label: string;
  /** NaN: what was typed is no number. */
  readonly seconds: number;
  readonly onChange: (seconds: number) => void;
}

export function Duration({ field, label, seconds, onChange }: DurationProps) {
  const [first] = useState(() => unitOf(seconds));
  const [unit, setUnit] = useState<string>(first[0]);
  const [text, setText] = useState(() => String(seconds / first[1]));
  const said = (count: string, name: string): void => {
    setText(count);
    setUnit(name);
    const length = units.find(([known]) => known === name)?.[1] ?? 1;
    onChange(/^\d+$/.test(count.trim()) ? Number(count) * length : Number.NaN);
  };
  return (
    <div className="duration">
      <input {...field} inputMode="numeric" value={text} onChange={({ target }) => said(target.value, unit)} />
      <select aria-label={`Unit of ${label}`} value={unit} onChange={({ target }) => said(text, target.value)}>
        {units.map(([name]) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </div>
  );
}
