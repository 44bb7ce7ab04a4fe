/**
 * Where the pages of a list begin. Cursors lead only forward, so each page is found by the one before it; the pages
 * themselves may be forgotten and read again.
 */
export interface PageMap {
  /** Of each page that is known to be there; the last may not have been read yet. Undefined: the first of the list. */
  readonly cursors: readonly (string | undefined)[];
  /** Index of the first row of each page that was read, and of the row after the last. */
  readonly starts: readonly number[];
}

export const unread: PageMap = { cursors: [undefined], starts: [0] };

export const rowsOf = ({ starts }: PageMap): number => starts.at(-1) ?? 0;
const pagesRead = ({ starts }: PageMap): number => starts.length - 1;
/** There is a page that was not read. */
export const hasMore = (map: PageMap): boolean => map.cursors.length > pagesRead(map);
/** Pages at the end of what was read that have fewer rows than this: the host stopped looking before they were full. */
export function sparseTail({ starts }: PageMap, least: number): number {
  let page = starts.length - 1;
  while (page > 0 && (starts[page] ?? 0) - (starts[page - 1] ?? 0) < least) page--;
  return starts.length - 1 - page;
}

export interface Answered {
  readonly cursor: string | undefined;
  readonly count: number;
  readonly next: string | null;
}

/** @returns the same map when the answer changes nothing; what follows is read anew where it now begins elsewhere */
export function learn(map: PageMap, { cursor, count, next }: Answered): PageMap {
  const page = map.cursors.indexOf(cursor);
  const start = map.starts[page];
  if (page < 0 || start === undefined) return map;
  const ends = start + count;
  const follows = next === null ? map.cursors.length === page + 1 : map.cursors[page + 1] === next;
  if (follows && map.starts[page + 1] === ends) return map;
  const moved = follows ? map.starts.slice(page + 1).map((at, _, all) => at - (all[0] ?? 0) + ends) : [];
  return {
    cursors: follows ? map.cursors : [...map.cursors.slice(0, page + 1), ...(next === null ? [] : [next])],
    starts: [...map.starts.slice(0, page + 1), ...(moved.length > 0 ? moved : [ends])],
  };
}

/** The page that holds this row. @returns undefined when it was not read */
export function pageAt({ starts }: PageMap, row: number): number | undefined {
  let low = 0;
  let high = starts.length - 1;
  if (row < 0 || row >= (starts[high] ?? 0)) return undefined;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= row) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Pages that hold these rows, and the one to read next where they come near the end. Of a list without rows the first: what
 * comes to be is seen there.
 */
export function wanted(map: PageMap, first: number, last: number, near: number, further: boolean): readonly number[] {
  const pages: number[] = [];
  const from = pageAt(map, Math.max(0, first));
  const to = pageAt(map, Math.min(last, rowsOf(map) - 1));
  if (from !== undefined && to !== undefined) for (let page = from; page <= to; page++) pages.push(page);
  if (rowsOf(map) === 0 && pagesRead(map) > 0) pages.push(0);
  if (further && hasMore(map) && last >= rowsOf(map) - near) pages.push(pagesRead(map));
  return pages;
}
