import { expect, test } from "vitest";
import { cell, detail, json, table } from "./output.ts";

test("nothing of a peer moves the cursor or turns the text around", () => {
  const hostile = "a\u001b[2J\u009b1A\u007f\r\u202eb\n";
  const obeyed = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;
  for (const text of [cell(hostile), json({ hostile }), detail({ hostile }), table([{ hostile }], ["hostile"])])
    expect(text).not.toMatch(obeyed);
  expect(JSON.parse(json({ hostile }))).toEqual({ hostile });
});

test("cells", () => {
  expect([null, undefined, "", [], false, 0, ["a", "b"], "-----BEGIN CERTIFICATE-----\nx", { a: 1 }].map(cell)).toEqual(
    ["-", "-", "-", "-", "false", "0", "a, b", "(PEM)", '{ "a": 1 }'],
  );
});

test("lists of objects have a line each", () => {
  expect(detail({ id: "x", history: [{ to: "a" }, { to: "b" }] })).toBe(
    'id       x\nhistory  { "to": "a" }\n         { "to": "b" }',
  );
});

test("names of members are a peer's too", () => {
  const row = { "a\u001b[2J\nb": 1 };
  for (const text of [detail(row), table([row], Object.keys(row))]) {
    expect(text).not.toMatch(/\u001b/);
    expect(text.toLowerCase()).toContain("\\u001b[2j b");
  }
});
