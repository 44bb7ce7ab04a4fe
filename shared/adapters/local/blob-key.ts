/** What every Blob adapter refuses before it touches its storage. */
import { isTenantId } from "#shared/kernel/ids";

const maxKey = 900;
const maxSegment = 200;
const segment = /^[a-z0-9._-]+$/;

/** @throws TypeError for anything but `<tenant>/<kind>/…`. */
export function checkBlobKey(key: string): void {
  const parts = key.split("/");
  if (parts.length < 3 || !areSegments(parts, key.length)) throw refusal("key", "<tenant>/<kind>/…", key);
}

/** @throws TypeError for anything but `<tenant>/` or `<tenant>/<kind>/…/`. */
export function checkBlobPrefix(prefix: string): void {
  const parts = prefix.split("/");
  if (parts.pop() !== "" || !areSegments(parts, prefix.length)) throw refusal("prefix", "<tenant>/…/", prefix);
}

const areSegments = (parts: readonly string[], length: number): boolean =>
  length <= maxKey &&
  isTenantId(parts[0] ?? "") &&
  parts.every((part) => segment.test(part) && !part.includes("..") && part !== "." && part.length <= maxSegment);

const refusal = (name: string, shape: string, got: string): TypeError =>
  new TypeError(
    `blob: ${name} must look like ${shape} with [a-z0-9._-] between slashes, got ${JSON.stringify(got.slice(0, 80))}`,
  );
