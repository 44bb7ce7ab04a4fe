/** What every Directory adapter refuses before it touches its database. */
import { isTenantId } from "#shared/kernel/ids";
import { type DirectoryKind, directoryKinds } from "#shared/ports/directory";

const maxBytes = 512;

/** @throws TypeError for a kind that is not one, or a name that not every adapter can hold. */
export function checkName(kind: DirectoryKind, value: string): void {
  if (!directoryKinds.includes(kind))
    throw new TypeError(`directory: kind must be ${directoryKinds.join(", ")}, got ${kind}`);
  checkText("value", value);
}

/** @throws TypeError */
export function checkEntry(entry: { readonly tenant: string; readonly id: string }): void {
  if (!isTenantId(entry.tenant))
    throw new TypeError(`directory: tenant must be a tenant id, got ${JSON.stringify(entry.tenant)}`);
  checkText("id", entry.id);
}

function checkText(name: string, text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes < 1 || bytes > maxBytes)
    throw new TypeError(`directory: ${name} must have 1 to ${maxBytes} bytes, got ${bytes}`);
  if (!text.isWellFormed()) throw new TypeError(`directory: ${name} must be well-formed Unicode`);
}
