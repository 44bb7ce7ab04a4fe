/** A state as a word; the colour only repeats it. */
const tones: Readonly<Record<string, string>> = {
  active: "good",
  issued: "good",
  deployed: "good",
  ok: "good",
  delivered: "good",
  shown: "good",
  pending: "warn",
  renewing: "warn",
  requested: "warn",
  superseded: "muted",
  retired: "muted",
  cancelled: "muted",
  expired: "muted",
  disabled: "muted",
  offboarded: "muted",
  revoked: "bad",
  failed: "bad",
  failing: "bad",
  dead: "bad",
  quarantined: "bad",
  done: "good",
  counting: "warn",
  revoking: "warn",
  open: "bad",
  closed: "good",
  "half-open": "warn",
  refused: "bad",
};

export function Badge({ state }: { readonly state: string }) {
  return <span className={`badge ${tones[state] ?? "muted"}`}>{state}</span>;
}
