/** The journal as it streams by, for a backup: the same chain that `openJournal` checks, without a file of its own. */
import { createReadStream } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { utf8Text } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { type Entry, hashLength, type JournalMark, linkHash } from "./journal.ts";

export interface JournalCheck {
  /** Cut anywhere. @throws Failure `corrupt` naming the record */
  add(bytes: Uint8Array): void;
  /** @throws Failure `corrupt` when the last record is not whole @returns how many there were */
  end(): number;
}

const lineFeed = 0x0a;

/** @param onRecord end: bytes of the journal up to the record's own end */
export function checkJournal(onRecord: (entry: Entry, end: number) => void): JournalCheck {
  let rest = new Uint8Array(0);
  let previous = "";
  let count = 0;
  let end = 0;

  function line(bytes: Uint8Array): void {
    count++;
    const text = utf8Text(bytes);
    const json = text.slice(hashLength);
    previous = linkHash(previous, json);
    if (text.slice(0, hashLength) !== previous)
      throw new Failure("corrupt", `the signer's journal is damaged at record ${count}`);
    end += bytes.length + 1;
    onRecord(JSON.parse(json) as Entry, end);
  }

  return {
    add(part) {
      const bytes = new Uint8Array(rest.length + part.length);
      bytes.set(rest);
      bytes.set(part, rest.length);
      let at = 0;
      for (let feed = bytes.indexOf(lineFeed); feed !== -1; feed = bytes.indexOf(lineFeed, at)) {
        line(bytes.subarray(at, feed));
        at = feed + 1;
      }
      rest = bytes.slice(at);
    },
    end() {
      if (rest.length > 0) throw new Failure("corrupt", "the signer's journal ends within a record");
      return count;
    },
  };
}

/** Between two pieces: nobody waits for this. */
const breatheMs = 10;

/**
 * The records that a start did not read again because it remembered them, read in the background.
 * @throws Failure `corrupt`
 */
export async function recheckJournal(path: string, { n, end }: Pick<JournalMark, "n" | "end">): Promise<void> {
  const check = checkJournal(() => undefined);
  for await (const bytes of createReadStream(path, { end: end - 1 }) as AsyncIterable<Buffer>) {
    check.add(bytes);
    await wait(breatheMs);
  }
  if (check.end() !== n) throw new Failure("corrupt", `the signer's journal has not the ${n} records that it had`);
}
