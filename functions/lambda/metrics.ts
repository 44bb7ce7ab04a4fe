/**
 * CloudWatch metrics as lines of the log, in its Embedded Metric Format: written once for each invocation, so that nothing waits
 * for a call. Namespace `trstctl`, dimension `function`, and what an entry adds.
 */
type Unit = "Count" | "Seconds";

interface Measured {
  readonly name: string;
  readonly unit: Unit;
  readonly value: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface Metrics {
  /** @param dimensions from closed sets: each combination is a metric of its own, and paid for */
  add(name: string, unit: Unit, value: number, dimensions?: Readonly<Record<string, string>>): void;
  /** Writes what was added since, if anything. */
  flush(): void;
}

export function createMetrics(functionName: string, write: (line: string) => void): Metrics {
  let measured: Measured[] = [];
  return {
    add: (name, unit, value, dimensions = {}) => void measured.push({ name, unit, value, dimensions }),
    flush() {
      for (const { name, unit, value, dimensions } of measured) {
        const all = { function: functionName, ...dimensions };
        const CloudWatchMetrics = [
          { Namespace: "trstctl", Dimensions: [Object.keys(all)], Metrics: [{ Name: name, Unit: unit }] },
        ];
        write(JSON.stringify({ _aws: { Timestamp: Date.now(), CloudWatchMetrics }, ...all, [name]: value }));
      }
      measured = [];
    },
  };
}
