import { base64url, fromBase64url, utf8, utf8Text } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";

/** @param list a cursor belongs to one list and is refused by every other */
export const encodeCursor = (list: string, position: string | undefined): string | null =>
  position === undefined ? null : base64url(utf8(`${list}:${position}`));

/** Longer than any position is. */
const maxLength = 1_000;

/** @throws Failure `invalid_field` */
export function decodeCursor(list: string, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const refuse = (): never => {
    throw new Failure("invalid_field", "cursor: not one of this list; take next_cursor of the page before, unchanged", {
      field: "cursor",
    });
  };
  if (!/^[A-Za-z0-9_-]+$/.test(cursor)) return refuse();
  let text: string;
  try {
    text = utf8Text(fromBase64url(cursor));
  } catch {
    return refuse();
  }
  const position = text.startsWith(`${list}:`) ? text.slice(list.length + 1) : "";
  return position === "" || text.length > maxLength ? refuse() : position;
}
