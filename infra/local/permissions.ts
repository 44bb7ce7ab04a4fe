/**
 * The host may read its code and its own directories, write its own, and start no process. The signer's directory and the
 * KEK are not among them. What Node's permission model does not hold is named in docs/threat-model.md.
 */
import { join } from "node:path";
import { cloneRoot, type Places } from "./places.ts";

/** The code that the host runs, readable to it; nothing else may lie there. */
export const codePlaces: readonly string[] = [
  "package.json",
  "node_modules",
  "shared",
  "events",
  "signer",
  "functions",
  "infra",
  "toolchain",
  "web/dist",
].map((entry) => join(cloneRoot, entry));

/**
 * Each short-lived object is collected by the thread that made it: helpers for that cost more than they give on a machine
 * whose cores are busy (a tenth of the CPU of an issuance).
 */
const hostTuning = ["--no-parallel-scavenge"];

/** @param more files of the operator's that the settings name */
export function hostFlags(places: Places, more: readonly string[] = []): string[] {
  const readable = [...codePlaces, places.host, places.cli, places.run, ...more];
  const writable = [places.host, places.cli, places.run];
  return [
    ...hostTuning,
    "--permission",
    ...readable.map((path) => `--allow-fs-read=${path}`),
    ...writable.map((path) => `--allow-fs-write=${path}`),
    "--disable-warning=SecurityWarning",
    "--disable-warning=ExperimentalWarning",
  ];
}
