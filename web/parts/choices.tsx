/** Some of a few: a group of boxes to tick, with its refusal as any other field. */
import { type ReactNode, useId } from "react";
import { refusalAt } from "./form.tsx";

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
  const id = useId();
  const refusal = refusalAt(error, name);
  const described = [hint !== undefined && `${id}-hint`, refusal !== undefined && `${id}-error`].filter(Boolean);
  const toggle = (choice: T, on: boolean): void =>
    onChange(choices.filter((one) => (one === choice ? on : chosen.includes(one))));
  return (
    <fieldset className="field" {...(described.length > 0 && { "aria-describedby": described.join(" ") })}>
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
    </fieldset>
  );
}
