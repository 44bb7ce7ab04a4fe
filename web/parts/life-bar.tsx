/** How much of a validity has gone. */
import { When } from "./time.tsx";

interface LifeBarProps {
  /** RFC 3339. */
  readonly from: string;
  readonly until: string;
}

/** In percent, 0 to 100. */
export function lifeGone({ from, until }: LifeBarProps, now = Date.now()): number {
  const [start, end] = [Date.parse(from), Date.parse(until)];
  if (!(end > start)) return 100;
  return Math.min(100, Math.max(0, Math.round(((now - start) / (end - start)) * 100)));
}

export function LifeBar(props: LifeBarProps) {
  const gone = lifeGone(props);
  return (
    <span className="life">
      <span className="track" aria-hidden="true">
        <span className={gone >= 80 ? "urgent" : ""} style={{ width: `${gone}%` }} />
      </span>
      <span>
        {gone} % of its time has gone, ends <When at={props.until} />
      </span>
    </span>
  );
}
