/** Where an identity stands on its way. */
const way = ["requested", "issued", "deployed", "renewing"] as const;
const ends = ["failed", "revoked", "retired", "cancelled"] as const;

export function Lifecycle({ now }: { readonly now: string }) {
  const end = ends.find((one) => one === now);
  return (
    <ol className="lifecycle" aria-label="Lifecycle">
      {[...way, ...(end === undefined ? [] : [end])].map((state) => (
        <li key={state} aria-current={state === now ? "step" : undefined}>
          {state}
        </li>
      ))}
    </ol>
  );
}
