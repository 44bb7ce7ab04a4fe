/** Where the pages of a long list begin, as the console keeps it: `web/parts/page-map.ts`. */
import { describe, expect, it } from "vitest";
import { hasMore, learn, pageAt, type PageMap, rowsOf, sparseTail, unread, wanted } from "../../web/parts/page-map.ts";

/** Three pages of ten, and more behind them. */
const three = [undefined, "b", "c"].reduce<PageMap>(
  (map, cursor, n) => learn(map, { cursor, count: 10, next: ["b", "c", "d"][n] ?? null }),
  unread,
);

describe("the map of a list's pages", () => {
  it("begins with one page that was not read, and asks for it", () => {
    expect([rowsOf(unread), hasMore(unread), wanted(unread, -1, -1, 40, true)]).toEqual([0, true, [0]]);
  });

  it("knows the page of every row it has read, and of no other", () => {
    expect([0, 9, 10, 29].map((row) => pageAt(three, row))).toEqual([0, 0, 1, 2]);
    expect([-1, 30, 1_000].map((row) => pageAt(three, row))).toEqual([undefined, undefined, undefined]);
  });

  it("wants what is in view, and what comes next only near the end", () => {
    expect(wanted(three, 0, 5, 4, true)).toEqual([0]);
    expect(wanted(three, 8, 12, 4, true)).toEqual([0, 1]);
    expect(wanted(three, 22, 27, 4, true)).toEqual([2, 3]);
    expect(wanted(three, 22, 27, 4, false)).toEqual([2]);
  });

  it("looks on at the first page of a list that has no rows: the first one is seen there", () => {
    const empty = learn(unread, { cursor: undefined, count: 0, next: null });
    expect([rowsOf(empty), hasMore(empty), wanted(empty, -1, -1, 40, true)]).toEqual([0, false, [0]]);
  });

  it("stays the same map when a page is read again and nothing moved", () => {
    expect(learn(three, { cursor: "b", count: 10, next: "c" })).toBe(three);
    expect(learn(three, { cursor: "of another list", count: 10, next: null })).toBe(three);
  });

  it("moves what follows when a page became shorter, and reads anew what now begins elsewhere", () => {
    const shorter = learn(three, { cursor: "b", count: 7, next: "c" });
    expect([shorter.starts, shorter.cursors]).toEqual([
      [0, 10, 17, 27],
      [undefined, "b", "c", "d"],
    ]);
    const moved = learn(three, { cursor: "b", count: 10, next: "c2" });
    expect([moved.starts, moved.cursors]).toEqual([
      [0, 10, 20],
      [undefined, "b", "c2"],
    ]);
  });

  it("ends where a page says so, and goes on when there is more later", () => {
    const ended = learn(three, { cursor: "c", count: 4, next: null });
    expect([rowsOf(ended), hasMore(ended)]).toEqual([24, false]);
    const grown = learn(ended, { cursor: "c", count: 10, next: "e" });
    expect([rowsOf(grown), hasMore(grown), grown.cursors.at(-1)]).toEqual([30, true, "e"]);
  });

  it("counts pages at the end in which the host stopped looking before they were full", () => {
    const sparse = learn(learn(three, { cursor: "d", count: 0, next: "e" }), { cursor: "e", count: 3, next: "f" });
    expect([sparseTail(three, 5), sparseTail(sparse, 5)]).toEqual([0, 2]);
    expect(sparseTail(learn(sparse, { cursor: "f", count: 5, next: "g" }), 5)).toBe(0);
    expect([sparseTail(unread, 5), sparseTail(learn(unread, { cursor: undefined, count: 0, next: "b" }), 5)]).toEqual([
      0, 1,
    ]);
  });
});
