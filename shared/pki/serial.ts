/** Serial numbers: lower-case hex of the magnitude, whole octets, no leading zero octet (`00` for zero). */
import { fromHex, hex } from "#shared/kernel/bytes";
import { type DerNode, readMagnitude } from "./der/reader.ts";

/** @throws Failure `malformed` when negative or over 64 octets */
export function readSerial(node: DerNode): string {
  const magnitude = readMagnitude(node, "serialNumber");
  if (magnitude.length > 64) node.fail(`serialNumber of ${magnitude.length} octets`);
  return hex(magnitude);
}

/** Magnitude octets of a serial given as octets or hex. @throws TypeError */
export function serialBytes(serial: Uint8Array | string): Uint8Array {
  if (typeof serial !== "string") return serial;
  if (serial === "" || !/^([0-9a-fA-F]{2})+$/.test(serial)) throw new TypeError(`serial: not hex octets: ${serial}`);
  return fromHex(serial);
}
