/** A moment as people say it, which goes on being true; the exact one shows on hover and to screen readers. */
import { useSyncExternalStore } from "react";

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

function fromNow(at: string, now = Date.now()): string {
  const seconds = (Date.parse(at) - now) / 1000;
  const [unit, length] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return relative.format(Math.round(seconds / length), unit);
}

/** One clock for all: each is drawn again only when what it says is another. */
const listeners = new Set<() => void>();
let clock: ReturnType<typeof setInterval> | undefined;
const everyMs = 1000;

function onTick(listener: () => void): () => void {
  listeners.add(listener);
  clock ??= setInterval(() => {
    for (const tell of listeners) tell();
  }, everyMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(clock);
    clock = undefined;
  };
}

const useFromNow = (at: string): string => useSyncExternalStore(onTick, () => fromNow(at));

export function When({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {useFromNow(at)}
    </time>
  );
}

export function Moment({ at }: { readonly at: string }) {
  return (
    <time dateTime={at}>
      {new Date(at).toLocaleString()} <span className="muted">({useFromNow(at)})</span>
    </time>
  );
}
