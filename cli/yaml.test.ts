import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { yaml } from "./yaml.ts";

const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** Readers of both versions. */
const readBack = (text: string): readonly unknown[] =>
  (["1.2", "1.1"] as const).map((version) => parse(text, { version, merge: true }) as unknown);

test("an answer, as a person reads it", () => {
  const answer = { items: [{ id: "o-1", created_at: "2030-01-01T00:00:00Z", roles: [], owner: null, of: "a\nb\n" }] };
  expect(yaml(answer)).toBe(
    'items:\n  - id: o-1\n    created_at: "2030-01-01T00:00:00Z"\n    roles: []\n    owner: null\n    of: |\n      a\n      b\n',
  );
});

test("blanks at the beginning of a line are the text's", () => {
  const value = { "": [{ "": " \n" }, { a: "a\n\t\nb", b: "  a\nb" }] };
  expect(readBack(yaml(value))).toEqual([value, value]);
});

test.each(["no", "yes", "on", "1e3", "0x10", "0o17", "017", "1:30", "<<", "=", "~", "2030-01-01", "1_000", ".inf", ""])(
  "the text %j stays text for readers of YAML 1.1 and 1.2",
  (text) => {
    const value = { [text]: text, list: [text] };
    expect(readBack(yaml(value))).toEqual([value, value]);
  },
);

test("whatever JSON can say comes back, and nothing of it moves the cursor", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(..."a\u001b\u009b\u202e\r\n\t: -#'\"\\%@&*!|>".split("")) }),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value")),
      fc.dictionary(
        text.filter((key) => key !== "__proto__"),
        tie("value"),
      ),
    ),
  }));
  fc.assert(
    fc.property(value, (any) => {
      const written = yaml(any);
      expect(written).not.toMatch(obeyed);
      expect(readBack(written)).toEqual([any, any]);
    }),
  );
});
