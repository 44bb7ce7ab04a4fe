/** What one version changes against another, setting by setting. */
import { differences, labels, type Spec } from "./spec.ts";

interface DifferenceTableProps {
  readonly before: Spec;
  readonly after: Spec;
  /** What the two are called. */
  readonly titles: readonly [before: string, after: string];
}

export function DifferenceTable({ before, after, titles }: DifferenceTableProps) {
  const changed = differences(before, after);
  if (changed.length === 0) return <p className="muted">Nothing is different.</p>;
  return (
    <div className="scroll" tabIndex={0} role="group" aria-label="Differences">
      <table className="differences">
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">{titles[0]}</th>
            <th scope="col">{titles[1]}</th>
          </tr>
        </thead>
        <tbody>
          {changed.map(({ setting, before: was, after: is }) => (
            <tr key={setting}>
              <th scope="row">{labels[setting]}</th>
              <td>
                <del>{was}</del>
              </td>
              <td>
                <ins>{is}</ins>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
