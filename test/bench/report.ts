import { type Figure, type Goal, isMet, type Line, median } from "./figure.ts";

export interface Report {
  line(line: Line): void;
  failed(figure: Figure): void;
}

type Write = (text: string) => void;

const goalText = ({ at, value }: Goal): string => `${at === "least" ? ">=" : "<="} ${value}`;

/** Four significant digits: the fifth is noise. */
const rounded = (value: number): number => Number(value.toPrecision(4));

export const jsonReport = (write: Write): Report => ({
  line({ figure, unit, goal, samples }) {
    const value = median(samples);
    write(
      `${JSON.stringify({
        figure,
        value: rounded(value),
        unit,
        goal: goal === undefined ? null : goalText(goal),
        met: goal === undefined ? null : isMet(goal, value),
        samples: samples.map(rounded),
      })}\n`,
    );
  },
  failed({ name }) {
    write(`${JSON.stringify({ figure: name, value: null, unit: null, goal: null, met: false, samples: [] })}\n`);
  },
});

const columns = ["figure", "value", "unit", "goal", "met", "samples"] as const;
const widths = [26, 10, 6, 10, 4, 0];

export function tableReport(write: Write): Report {
  const row = (cells: readonly string[]): void =>
    write(
      `${cells
        .map((cell, n) => cell.padEnd(widths[n] ?? 0))
        .join("  ")
        .trimEnd()}\n`,
    );
  row(columns);
  return {
    line({ figure, unit, goal, samples }) {
      const value = median(samples);
      row([
        figure,
        String(rounded(value)),
        unit,
        goal === undefined ? "" : goalText(goal),
        goal === undefined ? "" : isMet(goal, value) ? "yes" : "NO",
        samples.map((sample) => rounded(sample)).join(" "),
      ]);
    },
    failed: ({ name }) => row([name, "FAILED"]),
  };
}
