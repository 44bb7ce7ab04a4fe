/** Examples that were published with the standards; data, never to be trusted. */
import { readFileSync } from "node:fs";
import { pemDecode } from "#shared/pki/pem";

/** @param path below `test/vectors/`. @returns the one PEM block in it, DER */
export function published(path: string, label: "CERTIFICATE" | "PUBLIC KEY"): Uint8Array {
  const [der] = pemDecode(readFileSync(new URL(path, import.meta.url), "utf8"), label);
  if (der === undefined) throw new TypeError(`${path}: no ${label}`);
  return der;
}
