/** A parser with planted faults, each behind a path of comparisons that chance alone does not find. */
import { Failure } from "#shared/kernel/failure";

const leaked: Uint8Array[] = [];

/** @param fault what it does at the word `:bad!` */
export function parsePlanted(bytes: Uint8Array, fault: "boom" | "hang" | "leak"): void {
  if (fault === "leak") leaked.push(new Uint8Array(4_096).fill(1));
  const [colon, b, a, d, mark] = bytes;
  if (!(colon === 0x3a && b === 0x62 && a === 0x61 && d === 0x64 && mark === 0x21))
    throw new Failure("malformed", "not the planted word");
  if (fault === "boom") throw new RangeError("planted");
  if (fault === "hang") for (;;);
}
