import { DatabaseSync } from "node:sqlite";

// Kept open for the life of the process: a lock that nobody holds on to would be collected.
const held = new Set<DatabaseSync>();

/**
 * One process at a time. SQLite's file lock is the one advisory lock that Node offers; the kernel drops it with its holder,
 * however that ends, so nothing ever needs cleaning up.
 * @param path of a file of its own; made when it is not there
 * @param waitMs for a holder that is just dying; nothing else happens in this process meanwhile
 * @returns releases it
 * @throws Error when another process has it, or the file cannot be opened
 */
export function holdLock(path: string, waitMs: number): () => void {
  const lock = new DatabaseSync(path, { timeout: waitMs });
  try {
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    throw error;
  }
  held.add(lock);
  return () => {
    held.delete(lock);
    lock.close();
  };
}
