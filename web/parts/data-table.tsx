/** A list of any length: pages come from the server as they are needed, and only the rows in view are in the document. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, memo, type ReactNode, useMemo, useRef } from "react";
import { call, type Input } from "../api/client.ts";
import type { OperationId, Operations } from "../api/generated.ts";
import { type PageOf, usePagedRows, usePageMap } from "./paged-rows.ts";
import { Problem } from "./problem.tsx";

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => ReactNode;
  /** A CSS grid track; default `minmax(8rem, 1fr)`. */
  readonly width?: string;
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

/** As many as the API gives at once. */
const pageLength = 100;

const rowPixels = 44;

/** Another question is another list: it begins at its top. */
export const DataTable = <O extends ListId>(props: DataTableProps<O>) => (
  <List key={JSON.stringify([props.operation, props.query])} {...props} />
);

function List<O extends ListId>({ label, operation, query, columns, rowKey, empty }: DataTableProps<O>) {
  const scroller = useRef<HTMLDivElement>(null);
  const place = usePageMap();
  const virtual = useVirtualizer({
    count: place.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPixels,
    overscan: 10,
  });
  const inView = virtual.getVirtualItems();
  const reading = {
    key: [operation, query],
    pageLength,
    read(cursor: string | undefined, signal: AbortSignal) {
      const input = { query: { ...query, limit: pageLength, ...(cursor !== undefined && { cursor }) }, signal };
      return call(operation, input as unknown as Input<O>) as Promise<PageOf<RowOf<O>>>;
    },
  };
  const rows = usePagedRows(place, reading, inView[0]?.index ?? -1, inView.at(-1)?.index ?? -1);
  const tracks = useMemo(() => columns.map(({ width }) => width ?? "minmax(8rem, 1fr)").join(" "), [columns]);
  const problem = rows.error !== undefined && <Problem error={rows.error} retry={rows.retry} />;
  if (rows.pending) return problem || <p className="waiting">Loading…</p>;
  // The host looks at so many rows a request: none among them does not mean that there is none.
  if (rows.count === 0 && rows.more && !rows.paused) return problem || <p className="waiting">Looking further…</p>;
  if (rows.count === 0 && !rows.more) return problem || <div className="empty">{empty}</div>;
  return (
    <>
      <p className="hint sideways-hint">The list goes on to the right.</p>
      <div
        className="table"
        role="table"
        aria-label={label}
        aria-rowcount={rows.more ? -1 : rows.count + 1}
        style={{ "--least": leastWidth(columns) } as CSSProperties}
      >
        <div role="row" aria-rowindex={1} className="head" style={{ gridTemplateColumns: tracks }}>
          {columns.map(({ title }) => (
            <span key={title} role="columnheader">
              {title}
            </span>
          ))}
        </div>
        <div ref={scroller} className="rows" role="rowgroup" tabIndex={0} aria-label={`${label}, rows`}>
          <div style={{ height: virtual.getTotalSize() }}>
            {inView.map(({ index, start }) => {
              const row = rows.row(index);
              const id = row === undefined ? `place ${index}` : rowKey(row);
              return (
                <Row key={id} row={row} columns={columns as AnyColumns} tracks={tracks} index={index} start={start} />
              );
            })}
          </div>
        </div>
      </div>
      {problem}
      {rows.paused && (
        <p className="further" role="status">
          {rows.count} found so far; the list is longer than the host looks through at once.{" "}
          <button type="button" onClick={rows.further}>
            Look further
          </button>
        </p>
      )}
    </>
  );
}

/** Below it the list scrolls sideways as a whole, head and rows together. */
function leastWidth(columns: readonly Column<never>[]): string {
  const leasts = columns.map(({ width = "8rem" }) => /[\d.]+rem/.exec(width)?.[0] ?? "8rem");
  return `calc(${leasts.join(" + ")} + ${columns.length - 1} * var(--gap) + 1.5rem)`;
}

type AnyColumns = readonly Column<unknown>[];

interface RowProps {
  /** Undefined: being read again. */
  readonly row: unknown;
  readonly columns: AnyColumns;
  readonly tracks: string;
  readonly index: number;
  readonly start: number;
}

/** Drawn once, and not again while the list moves under the wheel. */
const Row = memo(function Row({ row, columns, tracks, index, start }: RowProps) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      style={{ gridTemplateColumns: tracks, transform: `translateY(${start}px)`, height: rowPixels }}
    >
      {columns.map(({ title, cell }) => {
        const content = row === undefined ? "…" : cell(row);
        return (
          // What does not fit is there for the pointer.
          <span key={title} role="cell" title={typeof content === "string" ? content : undefined}>
            {content}
          </span>
        );
      })}
    </div>
  );
});
