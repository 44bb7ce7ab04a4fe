import { describe, expect, test } from "vitest";
import { partition } from "../item-kinds.ts";
import { chainEvent, eventBytes, readEvent } from "../log/record.ts";
import { type Catalogue, catalogue, type Payload, upcast } from "./catalogue.ts";

/** As after two changes of one event: a field was renamed, then one was added. */
const grown: Catalogue = {
  "member.upserted": {
    current: 3,
    upcasters: [
      ({ name, ...rest }: Payload) => ({ ...rest, display_name: name }),
      (data: Payload) => ({ ...data, roles: [] }),
    ],
  },
};

describe("bringing an event forward", () => {
  test.each([
    { version: 1, data: { name: "Ada", email: null } },
    { version: 2, data: { display_name: "Ada", email: null } },
    { version: 3, data: { display_name: "Ada", email: null, roles: [] } },
  ])("from version $version", ({ version, data }) => {
    const stored = structuredClone(data);
    expect(upcast("member.upserted", version, data, grown)).toEqual({
      type: "member.upserted",
      data: { display_name: "Ada", email: null, roles: [] },
    });
    expect(data).toEqual(stored);
  });

  test("what is stored stays as it was written, and its hash with it", () => {
    const stream = { kind: "member" as const, id: "m", rev: 0, state: undefined, origin: undefined };
    const event = { type: "member.upserted", data: { name: "Ada", email: null } } as never;
    const bytes = eventBytes({ tenant: "t", actor: { subject: "s", roles: [] }, at: 0, stream, event }, "id", 1, 1);
    const { item, hash } = chainEvent("t", { lane: 0, seq: 1 }, "", bytes);
    const read = readEvent({ lane: 0, seq: 1 }, item, grown);
    expect(read.event).toEqual({ type: "member.upserted", data: { display_name: "Ada", email: null, roles: [] } });
    expect(read).toMatchObject({ bytes, hash });
    expect(bytes).toContain('"name":"Ada"');
    // The release that knows only version 1 reads the old one as it is.
    expect(readEvent({ lane: 0, seq: 1 }, item).event.data).toEqual({ name: "Ada", email: null });
  });
});

describe("what this release does not know stops the reader", () => {
  test.each(["member.invented", "", "toString", "__proto__", "constructor"])("type %j", (type) => {
    expect(() => upcast(type, 1, {})).toThrow(expect.objectContaining({ code: "corrupt" }) as Error);
  });

  test.each([0, -1, 4, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "1", null, undefined, [1]])(
    "version %j",
    (version) => {
      expect(() => upcast("member.upserted", version as number, {}, grown)).toThrow(
        expect.objectContaining({ code: "corrupt" }) as Error,
      );
    },
  );

  test.each([
    "",
    "{",
    "null",
    "7",
    "[]",
    '"x"',
    "{}",
    '{"type":"member.upserted","v":1}',
    '{"type":"member.upserted","v":1,"data":null}',
  ])("the stored text %j", (text) => {
    const item = { pk: partition("t", "L", "0"), sk: "E#1", rev: 1, body: `${"0".repeat(64)}${text}` };
    expect(() => readEvent({ lane: 0, seq: 1 }, item)).toThrow(expect.objectContaining({ code: "corrupt" }) as Error);
  });
});

test("every version has its way forward", () => {
  for (const [type, { current, upcasters }] of Object.entries(catalogue)) {
    expect(current, type).toBeGreaterThanOrEqual(1);
    expect(upcasters.length, type).toBe(current - 1);
  }
});
