import { describe, expect, it } from "vitest";
import { isCount, isObject, isText, readStored } from "./stored.ts";

const shape = { seq: isCount, hash: isText, state: isObject };
const sound = { seq: 7, hash: "a", state: {}, more: null };
const corrupt = (detail: RegExp) =>
  expect.objectContaining({ code: "corrupt", message: expect.stringMatching(detail) as unknown }) as Error;

describe("stored text", () => {
  it("is what was written, also with members that nobody asks for", () => {
    expect(readStored(JSON.stringify(sound), "the row", shape)).toEqual(sound);
  });

  it.each(["", "{", "nonsense", '{"seq":7'])("%j cannot be read", (text) => {
    expect(() => readStored(text, "the row", shape)).toThrow(corrupt(/^the row cannot be read$/));
  });

  it.each([
    null,
    7,
    [],
    {},
    { ...sound, seq: -1 },
    { ...sound, seq: 0.5 },
    { ...sound, hash: 7 },
    { ...sound, state: null },
    { ...sound, state: [] },
  ])("%j is not what was written", (value) => {
    expect(() => readStored(JSON.stringify(value), "the row", shape)).toThrow(corrupt(/^the row is not what/));
  });
});
