/** Rows of a list by their index: pages around the view are read and kept, the others are forgotten after seconds. */
import { useQueries, type UseQueryOptions } from "@tanstack/react-query";
import { useLayoutEffect, useState } from "react";
import { hasMore, learn, pageAt, type PageMap, rowsOf, sparseTail, unread, wanted } from "./page-map.ts";

export interface PageOf<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

interface Reading<T> {
  /** Names the list in the cache; the first is the operation. */
  readonly key: readonly unknown[];
  readonly pageLength: number;
  read(cursor: string | undefined, signal: AbortSignal): Promise<PageOf<T>>;
}

const keptMs = 10_000;
/** So many rows before the end the next page is read. */
const near = 40;
/** Pages with little in them that are read in a row by themselves: what is rare in a long list takes a person's word. */
const patience = 3;

export interface PagedRows<T> {
  /** Rows that are known; there may be more. */
  readonly count: number;
  readonly more: boolean;
  /** It waits for `further` to be called. */
  readonly paused: boolean;
  readonly pending: boolean;
  readonly error: Error | undefined;
  /** Undefined while its page is read again. */
  row(index: number): T | undefined;
  further(): void;
  retry(): void;
}

/** Where the list stands, to be kept by who shows it: how long it is must be known before what is in view. */
export function usePageMap() {
  const [map, setMap] = useState<PageMap>(unread);
  return { map, setMap, count: rowsOf(map) };
}

/** @param first and last index in view, inclusive; -1 for nothing yet */
export function usePagedRows<T>(
  { map, setMap }: ReturnType<typeof usePageMap>,
  { key, pageLength, read }: Reading<T>,
  first: number,
  last: number,
): PagedRows<T> {
  const [allowed, setAllowed] = useState(patience);
  const sparse = (of: PageMap): number => sparseTail(of, pageLength / 4);
  const paused = hasMore(map) && sparse(map) >= allowed;
  const cursors = wanted(map, first, last, near, !paused).map((page) => map.cursors[page]);
  const results = useQueries({
    queries: cursors.map(
      (cursor): UseQueryOptions<PageOf<T>> => ({
        queryKey: [...key, cursor ?? null],
        queryFn: ({ signal }) => read(cursor, signal),
        gcTime: keptMs,
      }),
    ),
  });
  const pages = new Map(results.map(({ data }, n) => [cursors[n], data]));
  let known = map;
  for (const [cursor, data] of pages)
    if (data !== undefined) known = learn(known, { cursor, count: data.items.length, next: data.next_cursor });
  useLayoutEffect(() => setMap(known), [known, setMap]);
  const failed = results.find(({ error }) => error !== null);
  return {
    count: rowsOf(known),
    more: hasMore(known),
    paused,
    pending: known === unread,
    error: failed?.error ?? undefined,
    row(index) {
      const page = pageAt(known, index);
      return page === undefined ? undefined : pages.get(known.cursors[page])?.items[index - (known.starts[page] ?? 0)];
    },
    further: () => setAllowed(sparse(known) + patience),
    retry: () => void failed?.refetch(),
  };
}
