import { base64url, fromBase64url, utf8, utf8Text } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";

export const encodeCursor = (text: string | undefined): string | null =>
  text === undefined ? null : base64url(utf8(text));

/** @throws Failure `invalid_field` */
export function decodeCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const refuse = (): never => {
    throw new Failure("invalid_field", "cursor: not one of ours; take next_cursor of the page before, unchanged", {
      field: "cursor",
    });
  };
  if (!/^[A-Za-z0-9_-]+$/.test(cursor)) return refuse();
  try {
    return utf8Text(fromBase64url(cursor));
  } catch {
    return refuse();
  }
}
