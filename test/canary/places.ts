/** Everywhere that a secret could come to light on one machine: files, processes, what was printed and answered. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

export interface Place {
  readonly name: string;
  readonly content: Uint8Array;
}

/** Every file below a directory, by its path from there; sockets have no content. */
export function filesBelow(directory: string): Place[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { name: relative(directory, path), content: readFileSync(path) };
    });
}

/** Command line, title and environment: whoever may run `ps` sees the first two. */
export function processPlaces(processes: readonly { readonly pid: number; readonly command: string }[]): Place[] {
  return processes.flatMap(({ pid }) =>
    ["cmdline", "comm", "environ"].map((what) => ({
      name: `/proc/${pid}/${what}`,
      content: readFileSync(`/proc/${pid}/${what}`),
    })),
  );
}

/** Soft limit of the size of core dumps of a process, in bytes. */
export function coreDumpLimit(pid: number): string {
  const [, soft = ""] = /^Max core file size\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8")) ?? [];
  return soft;
}

/** What was answered, printed or refused, under the name of what was asked. */
export function createRecord() {
  const places: Place[] = [];
  return {
    places,
    add(name: string, ...contents: readonly (string | Uint8Array | object)[]): void {
      for (const content of contents) {
        const bytes =
          content instanceof Uint8Array
            ? content
            : Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
        places.push({ name, content: bytes });
      }
    },
  };
}
