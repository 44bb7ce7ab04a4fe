import type { TargetEntry } from "../target.ts";

const entry = (name: "boom" | "hang" | "leak"): TargetEntry => ({
  name,
  covers: ["test/fuzz/planted/parser.ts"],
  parsers: ["parsePlanted"],
  load: async () => {
    const { parsePlanted } = await import("./parser.ts");
    return {
      run: (input) => parsePlanted(input, name),
      refusals: ["malformed"],
      seeds: () => [Buffer.from(":x")],
      dictionary: ["a"],
    };
  },
});

export const targets: readonly TargetEntry[] = [entry("boom"), entry("hang"), entry("leak")];
