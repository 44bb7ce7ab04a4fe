/** What is known of one thing, line by line. */
import type { ReactNode } from "react";

type Fact = readonly [name: string, value: ReactNode];

export function Facts({ facts }: { readonly facts: readonly (Fact | false)[] }) {
  return (
    <dl className="facts">
      {facts.map((fact) =>
        fact === false || fact[1] === null || fact[1] === undefined ? null : (
          <div key={fact[0]}>
            <dt>{fact[0]}</dt>
            <dd>{fact[1]}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
