/** A list of any length: pages come from the server as they are needed, and only the rows in view are in the document. */
import { type InfiniteData, useInfiniteQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import { Problem } from "./problem.tsx";

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => ReactNode;
  /** A CSS grid track; default `minmax(8rem, 1fr)`. */
  readonly width?: string;
}

interface PageOf<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

export interface DataTableProps<T> {
  /** Names the list to those who do not see it. */
  readonly label: string;
  readonly queryKey: readonly unknown[];
  readonly load: (cursor: string | undefined, signal: AbortSignal) => Promise<PageOf<T>>;
  readonly columns: readonly Column<T>[];
  readonly rowKey: (row: T) => string;
  readonly empty: ReactNode;
}

const rowPixels = 44;

export function DataTable<T>({ label, queryKey, load, columns, rowKey, empty }: DataTableProps<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const query = useInfiniteQuery<PageOf<T>, Error, InfiniteData<PageOf<T>>, readonly unknown[], string | undefined>({
    queryKey,
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPixels,
    overscan: 10,
  });
  const inView = virtual.getVirtualItems();
  const last = inView.at(-1)?.index ?? -1;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (last >= rows.length - 20 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (query.error !== null) return <Problem error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending) return <p className="waiting">Loading…</p>;
  if (rows.length === 0) return <div className="empty">{empty}</div>;
  const tracks = { gridTemplateColumns: columns.map(({ width }) => width ?? "minmax(8rem, 1fr)").join(" ") };
  return (
    <div className="table" role="table" aria-label={label} aria-rowcount={hasNextPage ? -1 : rows.length + 1}>
      <div role="row" aria-rowindex={1} className="head" style={tracks}>
        {columns.map(({ title }) => (
          <span key={title} role="columnheader">
            {title}
          </span>
        ))}
      </div>
      <div ref={scroller} className="rows" role="rowgroup" tabIndex={0} aria-label={`${label}, rows`}>
        <div style={{ height: virtual.getTotalSize() }}>
          {inView.map(({ index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <div
                key={rowKey(row)}
                role="row"
                aria-rowindex={index + 2}
                style={{ ...tracks, transform: `translateY(${start}px)`, height: rowPixels }}
              >
                {columns.map(({ title, cell }) => (
                  <span key={title} role="cell">
                    {cell(row)}
                  </span>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
