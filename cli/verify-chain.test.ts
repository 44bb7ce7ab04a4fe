import fc from "fast-check";
import { expect, test } from "vitest";
import { chainHash, linkHash } from "#events/log/chain";
import { sha256Hex } from "#shared/crypto/hash";
import { checkChain, type ExportedHead, type ExportedLink, type ExportedPage } from "./verify-chain.ts";

const tenant = "acme";

/** As every event is before retention. */
type Whole = ExportedLink & { readonly event: string };

function lane(number: number, events: readonly string[]): readonly Whole[] {
  const links: Whole[] = [];
  for (const [at, event] of events.entries())
    links.push({
      lane: number,
      sequence: at + 1,
      event,
      sha256: sha256Hex(event),
      hash: chainHash({ tenant, lane: number, seq: at + 1, prev: links.at(-1)?.hash ?? "", event }),
    });
  return links;
}

const headsOf = (links: readonly ExportedLink[]): readonly ExportedHead[] => [
  ...new Map(links.map(({ lane: number, sequence, hash }) => [number, { lane: number, sequence, hash }])).values(),
];

const pageOf = (items: readonly ExportedLink[], heads = headsOf(items)): ExportedPage => ({ tenant, heads, items });

function verify(...pages: readonly ExportedPage[]) {
  const check = checkChain(linkHash, sha256Hex);
  for (const page of pages) check.page(page);
  return check.report();
}

const events = fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 });
const log = fc
  .array(events, { minLength: 1, maxLength: 4 })
  .map((all) => all.flatMap((texts, number) => lane(number, texts)));
/** A log and one of its places. */
const place = log.chain((links) => fc.tuple(fc.constant(links), fc.nat(links.length - 1)));

const five = lane(0, ["a", "b", "c", "d", "e"]);

test("a whole log holds, however it is cut into pages", () => {
  fc.assert(
    fc.property(log, fc.integer({ min: 1, max: 5 }), (links, size) => {
      const pages = Array.from({ length: Math.ceil(links.length / size) }, (_, at) =>
        pageOf(links.slice(at * size, (at + 1) * size), headsOf(links)),
      );
      expect(verify(...pages)).toEqual({
        tenant,
        events: links.length,
        pruned: 0,
        lanes: new Set(links.map((link) => link.lane)).size,
        holds: true,
        faults: [],
        appended: 0,
      });
    }),
  );
  expect(verify(pageOf([]))).toMatchObject({ events: 0, lanes: 0, holds: true });
});

test("one flipped bit of an event or of a hash is found where it is", () => {
  const flip = (text: string, at: number): string =>
    text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
  fc.assert(
    fc.property(
      place,
      fc.nat(),
      fc.constantFrom("event" as const, "hash" as const, "sha256" as const),
      (one, somewhere, member) => {
        const [links, at] = one;
        const link = links[at] as Whole;
        // A lone half of a surrogate pair is no stored text: UTF-8 has no bytes for it.
        const changed = flip(link[member], somewhere % link[member].length);
        if (!changed.isWellFormed() || !link[member].isWellFormed()) return;
        const report = verify(pageOf(links.with(at, { ...link, [member]: changed }), headsOf(links)));
        expect(report.holds).toBe(false);
        expect(report.faults[0]).toMatchObject({ lane: link.lane, sequence: link.sequence });
      },
    ),
  );
});

test("every single byte of one event counts", () => {
  const text = '{"type":"certificate.issued","data":{"serial":"0a"}}';
  const links = lane(3, ["first", text, "last"]);
  for (let at = 0; at < text.length; at += 1) {
    const event = `${text.slice(0, at)}${text[at] === "~" ? "!" : "~"}${text.slice(at + 1)}`;
    expect(verify(pageOf(links.with(1, { ...(links[1] as ExportedLink), event }), headsOf(links))).faults).toEqual([
      { lane: 3, sequence: 2, problem: "the hash does not fit the event and the hash before it" },
    ]);
  }
});

test("a dropped event is missing where it was, the tail included", () => {
  fc.assert(
    fc.property(place, ([links, at]) => {
      const dropped = links[at] as ExportedLink;
      const report = verify(pageOf(links.toSpliced(at, 1), headsOf(links)));
      expect(report.holds).toBe(false);
      expect(report.faults).toHaveLength(1);
      expect(report.faults[0]).toMatchObject({ lane: dropped.lane, sequence: dropped.sequence });
    }),
  );
});

test("where retention removed events the chain goes on over their SHA-256, and no bit of that may change", () => {
  fc.assert(
    fc.property(place, fc.nat(), fc.constantFrom("sha256" as const, "hash" as const), ([links, at], bit, member) => {
      const pruned = links.map((link, one): ExportedLink => (one <= at ? { ...link, event: null } : link));
      expect(verify(pageOf(pruned, headsOf(links)))).toMatchObject({ holds: true, pruned: at + 1 });
      const link = pruned[at] as ExportedLink;
      const digit = link[member].charAt(bit % 64) === "0" ? "1" : "0";
      const changed = link[member].slice(0, bit % 64) + digit + link[member].slice((bit % 64) + 1);
      const report = verify(pageOf(pruned.with(at, { ...link, [member]: changed }), headsOf(links)));
      expect(report.faults[0]).toMatchObject({ lane: link.lane, sequence: link.sequence });
    }),
  );
});

test("two events that changed places", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3 }), (at) => {
      const swapped = five.with(at, five[at + 1] as Whole).with(at + 1, five[at] as Whole);
      expect(verify(pageOf(swapped, headsOf(five))).holds).toBe(false);
    }),
  );
  // Renumbered as well, the hashes give it away.
  const [a, b, ...rest] = five as [ExportedLink, ExportedLink, ...ExportedLink[]];
  expect(verify(pageOf([{ ...b, sequence: 1 }, { ...a, sequence: 2 }, ...rest])).faults[0]).toMatchObject({
    sequence: 1,
  });
});

test("a cut tail is seen by the head; a head that was cut with it, by the head before", () => {
  expect(verify(pageOf(five.slice(0, 3), headsOf(five))).faults).toEqual([
    { lane: 0, sequence: 4, problem: "the lane ends at 3, its head stood at 5: the tail is missing" },
  ]);
  expect(
    verify(pageOf(five.slice(0, 2), headsOf(five)), pageOf(five.slice(2, 3), headsOf(five.slice(0, 3)))).holds,
  ).toBe(false);
  expect(verify(pageOf(five, [])).faults).toEqual([
    { lane: 0, sequence: 5, problem: "the lane has events and no head" },
  ]);
  expect(verify(pageOf(five.slice(0, 2), headsOf(five)), pageOf(five.slice(2), [])).faults[0]?.problem).toBe(
    "the head of the lane is gone",
  );
  expect(verify(pageOf([], headsOf(five))).faults[0]?.sequence).toBe(1);
});

test("a fork: another history of the same length and the true head", () => {
  const other = lane(0, ["a", "b", "x", "d", "e"]);
  expect(verify(pageOf(other, headsOf(five))).faults).toEqual([
    {
      lane: 0,
      sequence: 5,
      problem: "the event has another hash than the head had: the lane is forked or was rewritten",
    },
  ]);
  expect(verify(pageOf(other.slice(0, 3), headsOf(five)), pageOf(other.slice(3), headsOf(other))).holds).toBe(false);
  expect(verify(pageOf(five, headsOf(five)), pageOf([], headsOf(other))).faults[0]?.problem).toContain("forked");
});

test("a lane of another tenant or under another number does not fit", () => {
  expect(verify({ tenant: "globex", heads: headsOf(five), items: five }).holds).toBe(false);
  const moved = five.map((link) => ({ ...link, lane: 1 }));
  expect(verify(pageOf(moved)).holds).toBe(false);
  expect(verify(pageOf(five), { tenant: "globex", heads: headsOf(five), items: [] }).holds).toBe(false);
});

test("events that come while the pages are read are no fault", () => {
  const [zero, one] = [lane(0, ["a", "b", "c"]), lane(1, ["x", "y", "z"])];
  const before = headsOf([...zero.slice(0, 2), ...one.slice(0, 2)]);
  const after = headsOf([...zero, ...one]);
  // Lane 0 grew behind the reader, lane 1 before it.
  expect(verify(pageOf(zero.slice(0, 2), before), pageOf(one, after))).toMatchObject({
    holds: true,
    events: 5,
    appended: 1,
  });
  // A lane that was born behind the reader.
  expect(verify(pageOf(one.slice(0, 2), headsOf(one.slice(0, 2))), pageOf(one.slice(2), after))).toMatchObject({
    holds: true,
    events: 3,
    appended: 3,
  });
});
