/** Several of few: a group of boxes to tick, with hint and refusal as any other field. */
import type { ReactNode } from "react";
import { useNotes } from "./form.tsx";

interface ChoicesProps<T extends string> {
  /** As the API calls it. */
  readonly name: string;
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error: Error | null;
  readonly choices: readonly T[];
  readonly chosen: readonly T[];
  readonly onChange: (chosen: readonly T[]) => void;
}

export function Choices<T extends string>(props: ChoicesProps<T>) {
  const { name, label, hint, error, choices, chosen, onChange } = props;
  const { refusal, describedBy, notes } = useNotes({ name, hint, error });
  const toggle = (choice: T, on: boolean): void =>
    onChange(choices.filter((one) => (one === choice ? on : chosen.includes(one))));
  return (
    <fieldset className="field" {...describedBy}>
      <legend>{label}</legend>
      <div className="choices">
        {choices.map((choice, at) => (
          <label key={choice}>
            <input
              type="checkbox"
              name={name}
              checked={chosen.includes(choice)}
              {...(refusal !== undefined && at === 0 && { "aria-invalid": true })}
              onChange={({ target }) => toggle(choice, target.checked)}
            />
            {choice}
          </label>
        ))}
      </div>
      {notes}
    </fieldset>
  );
}
