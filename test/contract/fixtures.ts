import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "#shared/crypto/random";
import { hex } from "#shared/kernel/bytes";
import type { Clock } from "#shared/ports/clock";

/** 12 characters that are a tenant id, a directory name and a part of a table name. */
export const randomId = (): string => hex(randomBytes(6));

export interface ManualClock extends Clock {
  advance(ms: number): void;
}

/** Stands still until advanced. Far ahead of today, so that no real TTL deletes what the test still wants. */
export function manualClock(): ManualClock {
  let now = Date.UTC(2040, 0, 1);
  return {
    now: () => now,
    advance(ms) {
      now += ms;
    },
  };
}

export interface TemporaryDir {
  readonly path: string;
  remove(): void;
}

export function temporaryDir(): TemporaryDir {
  const path = mkdtempSync(join(tmpdir(), "trstctl-contract-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
