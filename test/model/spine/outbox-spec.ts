/** What the outbox promises (behaviour §3), as one attempt after another on one tenant. Knows nothing of the dispatcher. */

export const destinations = ["mail", "chat", "ours", "nowhere"] as const;
/** `ours` is a service of our own; nothing is registered under `nowhere`. */
export type DestinationName = (typeof destinations)[number];
export const receiverNames = ["mail", "chat", "ours"] as const;
export type ReceiverName = (typeof receiverNames)[number];

/** down: fails. deaf: takes it and fails all the same. refuses: says that trying again cannot help. */
export const moods = ["up", "down", "deaf", "refuses"] as const;
export type Mood = (typeof moods)[number];
export type Moods = Readonly<Record<ReceiverName, Mood>>;

export interface EffectSpec {
  readonly id: string;
  readonly destination: DestinationName;
  /** RFC 3339. */
  readonly createdAt: string;
  status: "pending" | "delivered" | "dead";
  /** Failed ones since it was last put into the outbox. */
  attempts: number;
  nextAt: number;
  /** Whether its receiver has it. */
  received: boolean;
}

interface Breaker {
  failures: number;
  openUntil: number;
}

/** The jitter that the dispatcher is given, in [0, 1). */
export const jitter = 0.25;

const second = 1000;
const month = 30 * 86_400 * second;

/** From 1 s doubling to 5 min; for our own services to 2 s. */
const longestMs = (attempts: number, own: boolean): number => Math.min(2 ** (attempts - 1), own ? 2 : 300) * second;

/** The upper half of it jittered. */
function pauseMs(attempts: number, own: boolean): number {
  const full = longestMs(attempts, own);
  return Math.round(full / 2 + (full / 2) * jitter);
}

export class OutboxSpec {
  effects = new Map<string, EffectSpec>();
  /** By destination. */
  breakers = new Map<string, Breaker>();

  pending(destination: DestinationName): EffectSpec[] {
    const order = ({ createdAt, id }: EffectSpec): string => `${createdAt}#${id}`;
    return [...this.effects.values()]
      .filter((one) => one.destination === destination && one.status === "pending")
      .sort((a, b) => (order(a) < order(b) ? -1 : 1));
  }

  /** Its time has come, or lies further ahead than any pause: then the clock was set back, and nothing waits for that. */
  due({ destination, attempts, nextAt }: EffectSpec, now: number): boolean {
    const { failures, openUntil } = this.breakers.get(destination) ?? { failures: 0, openUntil: 0 };
    const open = failures >= 3 && openUntil > now && openUntil - now <= 30 * second;
    return !open && (nextAt <= now || nextAt - now > longestMs(attempts, destination === "ours"));
  }

  /** Failed attempts so far; nobody remembers them for longer than a month. */
  failures({ attempts, nextAt }: EffectSpec, now: number): number {
    return now >= nextAt + month ? 0 : attempts;
  }

  /** One attempt, as its receiver's mood makes it end. */
  attempt(effect: EffectSpec, moods: Moods, now: number): void {
    const { destination } = effect;
    const own = destination === "ours";
    const mood = destination === "nowhere" ? "refuses" : moods[destination];
    if (mood === "up" || mood === "deaf") effect.received = true;
    if (mood === "up") {
      this.breakers.delete(destination);
      effect.status = "delivered";
      return;
    }
    if (mood === "refuses") {
      effect.status = "dead";
      return;
    }
    const attempts = this.failures(effect, now) + 1;
    const breaker = this.breakers.get(destination) ?? { failures: 0, openUntil: 0 };
    breaker.failures++;
    if (breaker.failures >= 3 && !own) breaker.openUntil = now + 30 * second;
    this.breakers.set(destination, breaker);
    if (attempts >= 10 && !own) {
      effect.status = "dead";
      return;
    }
    effect.attempts = attempts;
    effect.nextAt = now + pauseMs(attempts, own);
  }

  /** The ids that a pass attempts, by destination, in this order. */
  plan(moods: Moods, now: number): Map<DestinationName, string[]> {
    const trial = new OutboxSpec();
    trial.effects = new Map([...this.effects].map(([id, effect]) => [id, { ...effect }]));
    trial.breakers = new Map([...this.breakers].map(([name, breaker]) => [name, { ...breaker }]));
    const planned = new Map<DestinationName, string[]>();
    for (const destination of destinations) {
      for (const effect of trial.pending(destination)) {
        if (!trial.due(effect, now)) continue;
        planned.set(destination, [...(planned.get(destination) ?? []), effect.id]);
        trial.attempt(effect, moods, now);
      }
    }
    return planned;
  }
}
