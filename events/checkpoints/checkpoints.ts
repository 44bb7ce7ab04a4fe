/**
 * Signed checkpoints over all lanes of a tenant (I3). Making one is idempotent and needs no leader: the cut is written
 * before it is signed, so whoever comes next finishes it and gets the same tree.
 */
import { Failure, isFailure } from "#shared/kernel/failure";
import { hex, utf8, utf8Text } from "#shared/kernel/bytes";
import { sha256Hex } from "#shared/crypto/hash";
import type { Blob } from "#shared/ports/blob";
import type { Clock } from "#shared/ports/clock";
import type { EventLog } from "#shared/ports/event-log";
import { checkpointHandle, type Signer } from "#shared/ports/signer";
import type { Table, TableStore } from "#shared/ports/table";
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from "#shared/tlog/checkpoint";
import { growTree } from "#shared/tlog/growing-tree";
import { rootHash } from "#shared/tlog/merkle-tree";
import { consistencyProof, type Proof, provesConsistency } from "#shared/tlog/proofs";
import { formatNote, noteSignature, parseNote, type VerifierKey, verifyNote } from "#shared/tlog/signed-note";
import { type Cut, isSigned, listCuts, noCut, readCut, type SignedCut, writeCut } from "./cut.ts";
import { checkpointKeys } from "./key.ts";
import { linksBetween } from "./sequence.ts";
import { hashReader, tileBlobs } from "./tree.ts";

export interface CheckpointDeps {
  readonly log: EventLog;
  readonly tables: TableStore;
  readonly blob: Blob;
  readonly signer: Signer;
  readonly clock: Clock;
}

export interface Checkpoints {
  /** The key that a verifier is given; made when there is none yet. */
  key(tenant: string): Promise<VerifierKey>;
  /**
   * A checkpoint over everything that is committed; the newest one when nothing came since.
   * @returns undefined for a tenant without events
   * @throws Failure `corrupt` when the log is not what was signed before, `guard_refused` when the signer has signed another
   */
  make(tenant: string): Promise<SignedCut | undefined>;
  newest(tenant: string): Promise<SignedCut | undefined>;
  /** Makes every tile again from the log. */
  rebuildTiles(tenant: string): Promise<void>;
}

const maxTries = 20;

export const checkpointOf = ({ note }: SignedCut): Checkpoint => parseCheckpoint(parseNote(note).text);

export function createCheckpoints({ log, tables, blob, signer, clock }: CheckpointDeps): Checkpoints {
  const key = checkpointKeys(signer);

  async function newestCut(table: Table, tenant: string): Promise<Cut> {
    const [newest] = await listCuts(table, tenant, 1);
    return newest ?? noCut((await log.heads(tenant)).length);
  }

  async function make(tenant: string): Promise<SignedCut | undefined> {
    const table = tables.tenant(tenant);
    for (let tries = 0; tries < maxTries; tries++) {
      const newest = await newestCut(table, tenant);
      if (newest.n > 0 && !isSigned(newest)) {
        await sign(table, tenant, newest);
        continue;
      }
      const heads = await log.heads(tenant);
      const size = heads.reduce((sum, { seq }) => sum + seq, 0);
      if (size === newest.size) return isSigned(newest) ? newest : undefined;
      const cut: Cut = { n: newest.n + 1, size, heads, time: new Date(clock.now()).toISOString() };
      if (!(await writeCut(table, tenant, cut))) continue;
      const signed = await sign(table, tenant, cut);
      if (signed !== undefined) return signed;
    }
    throw new Failure("conflict", "others make checkpoints of this tenant at the same time; try again", {
      retryAfter: 1,
    });
  }

  /** @returns undefined when somebody else signed it first */
  async function sign(table: Table, tenant: string, cut: Cut): Promise<SignedCut | undefined> {
    const before = await existingCut(table, tenant, cut.n - 1, cut.heads.length);
    const verifier = await key(tenant);
    const last = isSigned(before) ? checkpointOf(before) : undefined;
    if (last !== undefined && last.origin !== verifier.name)
      throw new Failure(
        "corrupt",
        `the checkpoints before are of ${last.origin}, the signer's key speaks for ${verifier.name}: the signer lost its keys, restore them from a backup`,
      );
    const { root, proof } = await grow(tenant, before, cut, last);
    const text = formatCheckpoint({ origin: verifier.name, size: cut.size, root });
    const signed = await signer.sign({
      opId: `checkpoint/${cut.size}`,
      tenant,
      handle: checkpointHandle,
      type: "checkpoint",
      profile: "-",
      requestHash: sha256Hex(text),
      tbs: utf8(text),
      ...(last !== undefined && { proof }),
    });
    const note = { text: utf8Text(signed.tbs), signatures: [noteSignature(verifier, signed.signature)] };
    await verifyNote(note, verifier);
    const done = { ...cut, note: formatNote(note) };
    return (await writeCut(table, tenant, done)) ? done : undefined;
  }

  /** The tiles from one cut to the next; all of them again when those that are there do not lead on. */
  async function grow(tenant: string, before: Cut, cut: Cut, last: Checkpoint | undefined) {
    const attempt = async (): Promise<{ root: Uint8Array; proof: Proof } | undefined> => {
      const tree = growTree(tileBlobs(blob, tenant), before.size);
      for await (const link of linksBetween(log, tenant, before, cut)) await tree.append(link);
      await tree.finish();
      const read = hashReader(blob, tenant);
      const root = await rootHash(read, cut.size);
      const proof = await consistencyProof(read, before.size, cut.size);
      return last === undefined || provesConsistency(last, { size: cut.size, root }, proof)
        ? { root, proof }
        : undefined;
    };
    const grown = await attempt().catch((error: unknown) => {
      if (isFailure(error, "unavailable")) return undefined;
      throw error;
    });
    if (grown !== undefined) return grown;
    await rebuildTo(tenant, before);
    const again = await attempt();
    if (again !== undefined) return again;
    throw new Failure(
      "corrupt",
      `the log no longer gives the root of the checkpoint of ${before.size} events: events that it covers were changed. Keep a copy of the data directory and run \`trstctl audit verify\``,
    );
  }

  async function rebuildTo(tenant: string, last: Cut): Promise<void> {
    const table = tables.tenant(tenant);
    const tree = growTree(tileBlobs(blob, tenant), 0);
    let before = noCut(last.heads.length);
    for (let n = 1; n <= last.n; n++) {
      const cut = await existingCut(table, tenant, n, last.heads.length);
      for await (const link of linksBetween(log, tenant, before, cut)) await tree.append(link);
      before = cut;
    }
    await tree.finish();
    if (!isSigned(last)) return;
    const { size, root } = checkpointOf(last);
    const found = await rootHash(hashReader(blob, tenant), size);
    if (hex(found) !== hex(root))
      throw new Failure(
        "corrupt",
        `the log gives another root than the checkpoint of ${size} events was signed over: it was rewritten. Keep a copy of the data directory and compare with a backup`,
      );
  }

  async function newest(tenant: string): Promise<SignedCut | undefined> {
    const cuts = await listCuts(tables.tenant(tenant), tenant, 2);
    return cuts.find(isSigned);
  }

  return {
    key,
    make,
    newest,
    async rebuildTiles(tenant) {
      const last = await newest(tenant);
      if (last !== undefined) await rebuildTo(tenant, last);
    },
  };
}

async function existingCut(table: Table, tenant: string, n: number, lanes: number): Promise<Cut> {
  const cut = n === 0 ? noCut(lanes) : await readCut(table, tenant, n);
  if (cut === undefined) throw new Failure("corrupt", `cut ${n} of the log is gone: restore it from a backup`);
  return cut;
}
