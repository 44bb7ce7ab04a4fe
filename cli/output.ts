/** Text for people: tables, details, and nothing that the terminal would obey. */

/** Control characters of a peer would move the cursor or hide text; line feeds and tabs stay. */
export const plain = (text: string): string =>
  text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** The API's JSON, indented. C1 and DEL characters are escaped, which no JSON reader notices. */
export const json = (value: unknown): string => plain(JSON.stringify(value, null, 2));

export type Row = Readonly<Record<string, unknown>>;

export const isRow = (value: unknown): value is Row =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** One value on one line. */
export function cell(value: unknown): string {
  if (value === null || value === undefined || value === "") return "-";
  if (typeof value === "string")
    return value.startsWith("-----BEGIN ") ? "(PEM)" : plain(value).replaceAll(/[\n\t]/g, " ");
  if (Array.isArray(value))
    return value.length === 0
      ? "-"
      : value.every((item) => cell(item) === "(PEM)")
        ? `(PEM, ${value.length})`
        : value.map(cell).join(", ");
  return typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : json(value).replaceAll(/\n\s*/g, " ");
}

/** A member's name is the peer's too. */
const label = (name: string): string => plain(name).replaceAll(/[_\n\t]/g, " ");
const heading = (column: string): string => label(column).toUpperCase();

/** Columns as wide as their widest cell; ids stay whole, so that they can be copied. */
export function table(rows: readonly Row[], columns: readonly string[]): string {
  const cells = [columns.map(heading), ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => line[at]?.length ?? 0)));
  return cells
    .map((line) =>
      line
        .map((text, at) => text.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** One object, a line for each member; members that are lists of objects have a line for each object. */
export function detail(row: Row): string {
  const width = Math.max(...Object.keys(row).map((key) => label(key).length));
  return Object.entries(row)
    .flatMap(([key, value]) => {
      const values = Array.isArray(value) && value.some(isRow) ? value : [value];
      return values.map((item, at) => `${(at === 0 ? label(key) : "").padEnd(width)}  ${cell(item)}`);
    })
    .join("\n");
}

/** Good first columns of any list, in this order; what else it has is left to `--output json`. */
const usual = ["id", "name", "subject", "kind", "role", "status", "version", "created_at"];

export function usualColumns(rows: readonly Row[]): readonly string[] {
  const first = rows[0] ?? {};
  const chosen = usual.filter((column) => column in first);
  return chosen.length > 0 ? chosen : Object.keys(first).slice(0, 5);
}
