/** Backups that must be refused, each with what the refusal must say. */
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "#shared/crypto/random";

export interface Attempt {
  readonly what: string;
  readonly words: readonly string[];
  /** Place whose KEK is used; default the good one. */
  readonly place?: string;
  readonly says: RegExp;
}

const randomBelow = (limit: number): number => Buffer.from(randomBytes(6)).readUIntBE(0, 6) % limit;

/**
 * @param place with the right KEK @param other with another one, and without any @param target nothing is there
 */
export function damagedAttempts(
  backup: string,
  key: string,
  { scratch, other, none, target, full }: Record<"scratch" | "other" | "none" | "target" | "full", string>,
): Attempt[] {
  const size = statSync(backup).size;
  const restoring = (file: string, to = target, withKey = key): string[] => [
    ..."restore --from".split(" "),
    file,
    "--to",
    to,
    "--key",
    withKey,
  ];
  const changed = (name: string, change: (bytes: Buffer) => Uint8Array): string => {
    const file = join(scratch, name);
    writeFileSync(file, change(readFileSync(backup)));
    return file;
  };
  const flips = Array.from({ length: 6 }, (_, n): Attempt => {
    const at = n === 0 ? size - 1 : randomBelow(size);
    const file = changed(`flip-${n}`, (bytes) => bytes.fill((bytes[at] ?? 0) ^ (1 << randomBelow(8)), at, at + 1));
    return {
      what: `with a bit changed at byte ${at}`,
      words: restoring(file),
      says: /damaged|not a backup of trstctl|has format|with backup key/,
    };
  });
  const cuts = [0, 40, randomBelow(size), size - 1].map((length): Attempt => {
    const file = changed(`cut-${length}`, (bytes) => bytes.subarray(0, length));
    return {
      what: `cut after byte ${length}`,
      words: restoring(file),
      says: /cut short|damaged|not a backup of trstctl/,
    };
  });
  const wrongKey = join(scratch, "wrong-key");
  writeFileSync(wrongKey, randomBytes(32), { mode: 0o600 });
  const readable = join(scratch, "readable-key");
  copyFileSync(key, readable);
  mkdirSync(join(scratch, "letters"));
  writeFileSync(join(scratch, "letters", "letter"), "mine");
  return [
    ...flips,
    ...cuts,
    {
      what: "with something appended",
      words: restoring(changed("appended", (bytes) => Buffer.concat([bytes, randomBytes(100)]))),
      says: /appended|damaged/,
    },
    { what: "that is none", words: restoring(wrongKey), says: /is not a backup of trstctl/ },
    { what: "with another backup key", words: restoring(backup, target, wrongKey), says: /was made with backup key/ },
    {
      what: "of another installation, whose keys this KEK does not open",
      words: restoring(backup),
      place: other,
      says: /sealed under another key encryption key/,
    },
    { what: "without the KEK", words: restoring(backup), place: none, says: /does not exist.*No backup holds it/s },
    { what: "into a data directory", words: restoring(backup, full), says: /is a data directory already/ },
    {
      what: "into a directory with something in it",
      words: restoring(backup, join(scratch, "letters")),
      says: /is not empty/,
    },
  ];
}
