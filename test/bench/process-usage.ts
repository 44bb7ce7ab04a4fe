/** What /proc says of a process. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

let ticks: number | undefined;

/** Clock ticks a second: the unit of /proc/<pid>/stat. */
function ticksPerSecond(): number {
  ticks ??= Number(spawnSync("getconf", ["CLK_TCK"], { encoding: "utf8" }).stdout);
  if (!(ticks > 0)) throw new Error("getconf CLK_TCK says nothing: CPU times cannot be read here");
  return ticks;
}

/** User and system time of all threads of the process, seconds. Resolution is one tick, mostly 10 ms. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // After the command's name, which may hold spaces and parentheses: state is field 3, utime 14, stime 15 (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[14 - 3]) + Number(fields[15 - 3])) / ticksPerSecond();
}

/** A field of a `Name:  123 kB` file of /proc, in bytes; undefined when it may not be read. */
function kilobytes(path: string, field: string): number | undefined {
  try {
    const [, value] = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(readFileSync(path, "utf8")) ?? [];
    return value === undefined ? undefined : Number(value) * 1024;
  } catch {
    return undefined;
  }
}

export function residentBytes(pid: number): number {
  const bytes = kilobytes(`/proc/${pid}/status`, "VmRSS");
  if (bytes === undefined) throw new Error(`process ${pid} is gone`);
  return bytes;
}

/** Pages shared by n processes count a n-th for each: sums of it are what the machine really gives. */
export const proportionalBytes = (pid: number): number | undefined => kilobytes(`/proc/${pid}/smaps_rollup`, "Pss");

/** Direct children by the script that they run. */
export function childOf(pid: number, script: string): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
  const found = children.find((child) =>
    readFileSync(`/proc/${child}/cmdline`, "utf8")
      .split("\0")
      .some((argument) => argument.endsWith(script)),
  );
  if (found === undefined) throw new Error(`process ${pid} has no child that runs ${script}`);
  return found;
}
