/**
 * What no crash does, but a disk that lies or a hand that helps: the end of the write-ahead log or of the signer's journal
 * is gone, though it was synced. Then acknowledged things are missing, and the claim is another one: it is noticed and
 * named, and what can be mended is mended. Tried on a copy; the installation itself goes on as it was.
 */
import { cpSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "./api.ts";
import type { Scene } from "./faults.ts";
import { createInstallation, freePorts, type Installation } from "./installation.ts";
import { pause } from "./random.ts";
import { createRecords, type Records } from "./records.ts";
import { relyingParty } from "./revocation.ts";
import { lost, wrong } from "./violation.ts";

/** Past the reconciler's grace, and ahead of every moment that a clock jump left in the log. */
const laterMs = 3 * 3_600_000;

export async function deepCut(scene: Scene): Promise<void> {
  const { installation, injector, random } = scene;
  await installation.kill("all");
  const place = `${scene.place}-copy`;
  cpSync(scene.place, place, { recursive: true, filter: (path) => !path.endsWith(".sock") });
  // What the copy leaves unsynced is not the original's.
  const backToOwn = injector.aside();
  const copy = createInstallation(place, await freePorts(), injector);
  try {
    await random.pick([cutLog, cutJournal, damageJournal])(copy, scene);
  } finally {
    injector.setClock(0);
    await copy.kill("all").catch(() => undefined);
    backToOwn();
    rmSync(place, { recursive: true, force: true });
  }
  await installation.start();
}

/** Certificates whose events are gone are found in the journal, recorded and revoked; revocations are taken up again. */
async function cutLog(copy: Installation, { ledger, random, note, injector }: Scene): Promise<void> {
  const path = join(copy.data, "host", "store.db-wal");
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const to = random.between(Math.floor(size * 0.7), size);
  if (size > 0) truncateSync(path, to);
  await copy.start();
  injector.setClock(laterMs);
  const records = createRecords(copy.api, copy.data);
  await records.read();
  const missing = [...ledger.certificates.values()].filter(({ name }) => !records.certificates.has(name));
  note(`${path}: cut from ${size} to ${to}, ${missing.length} acknowledged certificates were behind that`);
  const report = await reconciled(copy, records);
  const repaired = new Set(report.repaired.map(({ id }: Json) => id));
  const party = await relyingParty(copy.api);
  const listed = await party.crl();
  for (const { id, serial, name } of missing) {
    if (!repaired.has(id) && records.certificates.get(name) !== "certificate.reconciled")
      lost(`certificate ${id} went with the log's end, and reconcile does not name it`);
    const heard = await party.ocsp(serial);
    if (heard !== "revoked" || !listed.has(serial))
      wrong(`certificate ${id} is not in the log and not revoked: ${heard}`);
  }
  for (const { id, serial, revoked } of ledger.certificates.values())
    if (revoked === "yes" && !listed.has(serial))
      lost(`the revocation of ${id} went with the log's end, and the next CRL does not say so`);
  await chainHolds(copy);
}

/** Events whose signature is gone are named. */
async function cutJournal(copy: Installation, { random, note, injector }: Scene): Promise<void> {
  const path = join(copy.data, "signer", "journal");
  const { size } = statSync(path);
  const to = random.between(Math.floor(size * 0.9), size);
  truncateSync(path, to);
  await startAfterCut(copy);
  injector.setClock(laterMs);
  const records = createRecords(copy.api, copy.data);
  await records.read();
  const before = new Set(records.unjournalled.values());
  await pause(300); // what the copy itself just signed is found by then, and what it signs now is not looked at
  await records.read();
  const gone = [...records.unjournalled.values()].filter((event) => before.has(event));
  note(`${path}: cut from ${size} to ${to}, ${gone.length} recorded signatures were behind that`);
  const { json } = await copy.api.send("POST", "/audit/reconcile", {}, "after-the-cut");
  const named = new Set<string>((json as Json).unjournalled?.map(({ id }: Json) => id));
  for (const event of gone)
    if (!named.has(event.split(" ")[1] ?? ""))
      lost(`the signature of event ${event} is gone, and reconcile does not name it`);
  await chainHolds(copy);
}

/** Cut below what the signer remembers it refuses, and names the file to remove. */
async function startAfterCut(copy: Installation): Promise<void> {
  try {
    await copy.start();
  } catch (error) {
    const [, remembered] = /remove what the signer remembers \(([^)]+)\)/.exec(String(error)) ?? [];
    if (remembered === undefined) throw error;
    rmSync(remembered);
    await copy.start();
  }
}

/** A byte that changed in what was synced stops the start, and the message says where. */
async function damageJournal(copy: Installation, { random, note }: Scene): Promise<void> {
  const path = join(copy.data, "signer", "journal");
  const bytes = readFileSync(path);
  const at = random.between(0, Math.floor(bytes.length * 0.8));
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes, { mode: 0o600 });
  note(`${path}: byte ${at} changed`);
  const { code, output } = await copy.run(["up"]);
  if (code !== 1 || !output.includes("is damaged at record"))
    wrong(`a damaged journal: ${code} ${output.slice(0, 500)}`);
}

async function reconciled(copy: Installation, records: Records): Promise<Json> {
  const first = await copy.api.send("POST", "/audit/reconcile", {}, "after-the-cut");
  if (first.status !== 200) wrong(`audit reconcile after the cut: ${first.status}`);
  for (const until = Date.now() + 20_000; ; ) {
    await records.read();
    if (records.pending.size === 0 && records.unrecorded.size === 0) return first.json as Json;
    if (Date.now() > until)
      wrong(`after the cut ${records.pending.size} effects and ${records.unrecorded.size} signatures wait`);
    await pause(50);
  }
}

async function chainHolds(copy: Installation): Promise<void> {
  const { code, output } = await copy.run(["audit", "verify"]);
  if (code !== 0) wrong(`after the cut audit verify ends with ${code}: ${output.slice(0, 500)}`);
}
