/** Restores that must not happen, and restores that are cut off. */
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { newPlace, startHost } from "../bench/host.ts";
import { killedAfter, trstctl } from "./command-line.ts";
import { damagedAttempts } from "./damage.ts";
import type { Lost } from "./original.ts";
import { check, type Steps } from "./steps.ts";

/** @returns a place with the KEK, whose data directory is not there */
export async function refuseRestores({ step }: Steps, { backup, key, kek }: Lost): Promise<string> {
  const [machine, other, none, scratch] = [newPlace(), newPlace(), newPlace(), newPlace()];
  copyFileSync(kek, join(machine, "home", "kek"));
  const target = join(machine, "data");
  const foreign = await startHost(other);
  await foreign.stop();
  const places = { scratch, other, none, target, full: foreign.dataDirectory };
  for (const { what, words, place = machine, says } of damagedAttempts(backup, key, places))
    await step(`refuse a restore ${what}`, async () => {
      const { code, stdout, stderr } = await trstctl(place, ...words);
      check(code === 1 && says.test(stderr), `it ended with ${code}: ${stdout}${stderr}`);
      check(!existsSync(target), "something was written");
      return (
        stderr
          .replace(/^trstctl: /, "")
          .split("\n")[0]
          ?.replaceAll(/\/tmp\/[^/]+/g, "…") ?? ""
      );
    });

  await step("kill restores while they write: none is taken for a data directory", async () => {
    let [early, half] = [0, 0];
    for (let ms = 150; ; ms *= 1.15) {
      await killedAfter(ms, machine, "restore", "--from", backup, "--to", target, "--key", key);
      const format = formatIn(target);
      if (format === undefined) early++;
      else if (format === "trstctl-restoring/1") {
        if (half++ > 0) continue;
        const { code, stderr } = await trstctl(machine, "up");
        check(code === 1 && stderr.includes("unfinished restore"), `a start on it ended with ${code}: ${stderr}`);
      } else break; // this one was done
    }
    rmSync(target, { recursive: true });
    return `${early} were killed before they wrote, ${half} half-way and begun again`;
  });
  return machine;
}

function formatIn(data: string): unknown {
  const path = join(data, "trstctl.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as { format?: unknown }).format : undefined;
}
