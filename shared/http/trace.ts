/** W3C Trace Context: the caller's trace goes on, or a new one begins. */
import { randomBytes } from "#shared/crypto/random";
import { hex } from "#shared/kernel/bytes";

export interface Trace {
  /** 32 hex digits. */
  readonly id: string;
  /** Header for the answer and for what is called next. */
  readonly traceparent: string;
}

/** Version 00 ends here; a later one may go on behind a `-` (3.2.4). */
const shape =
  /^(?:00(?!.{54})|(?!00|ff)[0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?=-|$)/;

export function traceOf(header: string | null): Trace {
  const [, given, flags] = shape.exec(header ?? "") ?? [];
  const id = given ?? hex(randomBytes(16));
  return { id, traceparent: `00-${id}-${hex(randomBytes(8))}-${flags ?? "00"}` };
}
