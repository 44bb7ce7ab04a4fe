/** A list of any length: pages come from the server as they are needed, and only the rows in view are in the document. */
import { type InfiniteData, useInfiniteQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import { call, type Input } from "../api/client.ts";
import type { OperationId, Operations } from "../api/generated.ts";
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

/** Operations that answer page by page. */
type ListId = {
  [O in OperationId]: Operations[O] extends { query: { cursor?: string }; response: PageOf<unknown> } ? O : never;
}[OperationId];

type RowOf<O extends ListId> = Operations[O]["response"]["items"][number];

export interface DataTableProps<O extends ListId> {
  /** Names the list to those who do not see it. */
  readonly label: string;
  readonly operation: O;
  /** Beside limit and cursor. */
  readonly query?: Omit<Operations[O]["query"], "limit" | "cursor">;
  readonly columns: readonly Column<RowOf<O>>[];
  readonly rowKey: (row: RowOf<O>) => string;
  readonly empty: ReactNode;
}

type Page<O extends ListId> = PageOf<RowOf<O>>;

/** As many as the API gives at once. */
const pageLength = 100;

const rowPixels = 44;

export function DataTable<O extends ListId>(props: DataTableProps<O>) {
  const { label, operation, query: asked, columns, rowKey, empty } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const query = useInfiniteQuery<Page<O>, Error, InfiniteData<Page<O>>, readonly unknown[], string | undefined>({
    queryKey: [operation, asked],
    queryFn({ pageParam: cursor, signal }) {
      const input = { query: { ...asked, limit: pageLength, ...(cursor !== undefined && { cursor }) }, signal };
      return call(operation, input as unknown as Input<O>) as Promise<Page<O>>;
    },
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
  // The host looks at so many rows a request: none among them does not mean that there is none.
  if (rows.length === 0 && hasNextPage) return <p className="waiting">Looking further…</p>;
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
