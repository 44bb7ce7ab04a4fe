/** C2SP signed-note: its published example, and that no byte of a note can be another. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { utf8, utf8Text } from "#shared/kernel/bytes";
import { decodeTreeEntry, encodeTreeEntry } from "./entry.ts";
import { formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { formatNote, formatVerifierKey, parseNote, parseVerifierKey, verifyNote } from "./signed-note.ts";

const vkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const example = `This is an example message.

\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;
const stranger = "\u2014 example.com/bar AAAAAEn8srV1\n";

test("the published example verifies, also beside the signature of a stranger", async () => {
  const key = parseVerifierKey(vkey);
  expect(formatVerifierKey(key)).toBe(vkey);
  const note = parseNote(example);
  expect(note.text).toBe("This is an example message.\n");
  expect(formatNote(note)).toBe(example);
  await verifyNote(note, key);
  await verifyNote(parseNote(example.replace("\n\n", `\n\n${stranger}`)), key);
});

test("no byte of it may be another", async () => {
  const key = parseVerifierKey(vkey);
  const bytes = utf8(example);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ flip;
      const verified = async () => verifyNote(parseNote(utf8Text(changed)), key);
      await expect(verified()).rejects.toThrow(Error);
    }),
    { numRuns: 400 },
  );
});

test.each([
  vkey.replace("530d903a", "530d903b"),
  vkey.replace("+Aeky", "+Beky"),
  vkey.slice(0, -1),
  `${vkey}=`,
  vkey.replace("example.com/foo", "exa mple"),
  "",
  "a+b",
])("%s is no verifier key", (text) => expect(() => parseVerifierKey(text)).toThrow(/verifier key must be/));

test.each(["text", "text\n\n", "text\n\nno dash\n", example.slice(0, -1), example.replace("Uw2Q", "Uw2")])(
  "%j is no note",
  (text) => expect(() => parseNote(text)).toThrow(/no signed note/),
);

test("a note without our key is named so", async () => {
  const other = parseVerifierKey(vkey);
  await expect(verifyNote({ text: "a\n", signatures: [] }, other)).rejects.toThrow(
    "bears no signature of example.com/foo+530d903a",
  );
});

const root = new Uint8Array(32).fill(7);

test("a checkpoint has one form", () => {
  const text = formatCheckpoint({ origin: "trstctl/acme/0123", size: 42, root });
  expect(parseCheckpoint(text)).toEqual({ origin: "trstctl/acme/0123", size: 42, root });
  for (const other of [
    `${text}more\n`,
    text.slice(0, -1),
    text.replace("42", "042"),
    text.replace("42", "-1"),
    text.replace("42", "4e1"),
    text.replace("=", ""),
    `\n${text}`,
  ])
    expect(() => parseCheckpoint(other)).toThrow(/three lines/);
});

test("an entry has one form", () => {
  const entry = { lane: 3, seq: 17, hash: "ab".repeat(32) };
  const bytes = encodeTreeEntry(entry);
  expect(decodeTreeEntry(bytes)).toEqual(entry);
  for (const other of [
    "trstctl/entry/1\n03\n1\n",
    utf8Text(bytes).toUpperCase(),
    `${utf8Text(bytes)}\n`,
    utf8Text(bytes).replace("17", "0"),
  ])
    expect(decodeTreeEntry(utf8(other))).toBeUndefined();
});
