/** What the host may read or write must not hold what is the signer's, by whatever name: links are followed first. */
import { realpathSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { codePlaces } from "./permissions.ts";
import { cloneRoot, type Places } from "./places.ts";

/** The kernel keeps socket paths in 108 bytes. */
const maxRunPath = 90;

/** What is wrong with where things are, each problem with the setting that mends it. */
export function placeProblems(places: Places): readonly string[] {
  const data = real(places.data);
  const run = real(places.run);
  const code = codePlaces.map(real);
  const problems: string[] = [];
  const refuse = (problem: string, setting: string): void => {
    problems.push(`${setting}: ${problem}; set it to another place`);
  };

  for (const [what, place, setting] of [
    ["data directory", data, "TRSTCTL_DATA_DIR"],
    ["run directory", run, "TRSTCTL_RUN_DIR"],
  ] as const) {
    const shared = code.find((entry) => holds(place, entry) || holds(entry, place));
    if (shared !== undefined || holds(place, real(cloneRoot)))
      refuse(`the ${what} ${place} and the program's own code (${shared ?? cloneRoot}) overlap`, setting);
  }
  const parts = [places.host, places.signer, places.cli].map(real);
  if (holds(run, data) || parts.some((part) => holds(part, run)))
    refuse(`the run directory ${run} and what lies in the data directory ${data} overlap`, "TRSTCTL_RUN_DIR");
  for (const [what, path, setting] of [
    ["key encryption key", places.kek, "TRSTCTL_KEK_FILE"],
    ["token's PIN", places.pin, "TRSTCTL_PKCS11_PIN_FILE"],
  ] as const) {
    if (path === undefined) continue;
    const secret = real(path);
    if (holds(data, secret))
      refuse(`the ${what} ${secret} lies in the data directory ${data}: whoever copies that has the keys`, setting);
    const open = [run, ...code].find((place) => holds(place, secret));
    if (open !== undefined) refuse(`the ${what} ${secret} lies in ${open}, which the host may read`, setting);
  }
  if (parts.some((part) => !holds(data, part)))
    refuse(`what lies in the data directory ${data} leads out of it by a link`, "TRSTCTL_DATA_DIR");
  if (Buffer.byteLength(places.run) > maxRunPath)
    problems.push(
      `TRSTCTL_RUN_DIR: ${places.run} is too long for a Unix socket; set it to a directory of your own with a short path`,
    );
  return problems;
}

/** @param path of a file that the host is to read @returns what is wrong with that */
export function readableProblem(places: Places, path: string): string | undefined {
  const file = real(path);
  const theirs = [places.kek, ...(places.pin === undefined ? [] : [places.pin])].map(real);
  if (theirs.includes(file)) return `${path} is the signer's, and the host must not read it; set it to another file`;
  if (holds(real(places.data), file))
    return `${path} lies in the data directory, which is the program's own; put it elsewhere`;
  return undefined;
}

/** True when `inner` is `outer` or lies below it. */
const holds = (outer: string, inner: string): boolean =>
  inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);

/** Without links, also where the end of it does not exist yet. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const missing = error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
    if (!missing || dirname(path) === path) throw error;
    return join(real(dirname(path)), basename(path));
  }
}
