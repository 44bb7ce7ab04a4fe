/** What a restore leaves for the first start after it, which writes it into the log of every tenant. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { Failure } from "#shared/kernel/failure";
import { noteRestore } from "#shared/usecases/note-restore";
import { allTenants } from "#shared/usecases/all-tenants";
import type { EarlyDeps } from "./compose.ts";
import type { Places } from "./places.ts";

const note = z.strictObject({ backup: z.uuid(), taken_at: z.iso.datetime(), restored_at: z.iso.datetime() });

export const restoredPath = ({ host }: Places): string => join(host, "restored.json");

/** Before anything else is written or signed; a start that is cut off says it again, which counts once. */
export async function noteRestored(deps: EarlyDeps, places: Places): Promise<void> {
  const path = restoredPath(places);
  if (!existsSync(path)) return;
  const restore = readNote(path);
  for await (const tenant of allTenants(deps.directory)) await noteRestore(deps, tenant, restore);
  rmSync(path);
}

function readNote(path: string): z.output<typeof note> {
  try {
    return note.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new Failure("corrupt", `${path} is not what the restore wrote; restore again`, { cause });
  }
}
