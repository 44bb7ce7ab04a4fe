/**
 * What must be true of a backup before a byte of it is restored: every chain holds up to its head, the journal's chain
 * holds, every signature that an event speaks of is in the journal, and every key of the journal is there (and opens).
 */
import { type Cut, isSigned } from "#events/checkpoints/cut";
import { linkHash } from "#events/log/chain";
import { hashOfBody, prunedOf, textOfBody } from "#events/log/record";
import { itemKinds, kindOf } from "#events/item-kinds";
import { sha256Hex } from "#shared/crypto/hash";
import { fromBase64, sameBytes } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { SecretBytes } from "#shared/kernel/secret-bytes";
import { parseNote } from "#shared/tlog/signed-note";
import { checkJournal } from "#signer/journal-check";
import { inspectKeyFile } from "#signer/keys/key-files";
import type { ItemRow } from "./records.ts";

export interface LaneReport {
  readonly tenant: string;
  readonly lane: number;
  readonly events: number;
  readonly head: string;
}

const corrupt = (what: string): Failure => new Failure("corrupt", what);
/** A TBS hash in 8 bytes: there may be millions, and a wrong match is as likely as a lost file. */
const short = (hash: string): bigint => BigInt(`0x${hash.slice(0, 16)}`);

export interface LogCheck {
  item(row: ItemRow): void;
  /** Of signatures that events and checkpoints speak of. */
  readonly signed: Set<bigint>;
  end(): readonly LaneReport[];
}

/** Items come ordered by partition and sort key, so a lane's events come before its head and in sequence. */
export function checkLog(): LogCheck {
  const lanes = new Map<string, { tenant: string; lane: number; seq: number; hash: string; head?: string }>();
  const signed = new Set<bigint>();

  function lane(pk: string, sk: string, body: string): void {
    const [, tenant = "", , number] = pk.split("#");
    if (number === undefined) return; // the row that says how many lanes there are
    const state = lanes.get(pk) ?? { tenant, lane: Number(number), seq: 0, hash: "" };
    lanes.set(pk, state);
    if (sk === "HEAD") {
      const { seq, hash } = JSON.parse(body) as { seq: number; hash: string };
      if (seq !== state.seq || hash !== state.hash)
        throw corrupt(`the log of tenant ${tenant} does not end where lane ${number} says (event ${seq})`);
      state.head = hash;
      return;
    }
    const seq = Number(sk.slice(2));
    const text = textOfBody(body);
    const pruned = prunedOf(body);
    const sha256 = pruned?.sha256 ?? sha256Hex(text);
    const hash = linkHash({ tenant, lane: state.lane, seq, prev: state.hash, sha256 });
    if (seq !== state.seq + 1 || hash !== hashOfBody(body))
      throw corrupt(`the log of tenant ${tenant} is broken at event ${seq} of lane ${number}`);
    Object.assign(state, { seq, hash });
    const tbs = pruned?.signed ?? (JSON.parse(text) as { data?: { tbs_sha256?: string } }).data?.tbs_sha256;
    if (typeof tbs === "string") signed.add(short(tbs));
  }

  function checkpoint(body: string): void {
    const cut = JSON.parse(body) as Cut;
    if (isSigned(cut)) signed.add(short(sha256Hex(parseNote(cut.note).text)));
  }

  return {
    signed,
    item([pk, sk, , body]) {
      const kind = kindOf(pk);
      if (kind === undefined || itemKinds[kind] === "ephemeral")
        throw corrupt(`it holds an item of a kind that this release does not keep in backups: ${pk}`);
      if (kind === "L") lane(pk, sk, body);
      if (kind === "C") checkpoint(body);
    },
    end() {
      const open = [...lanes.values()].find(({ head }) => head === undefined);
      if (open !== undefined) throw corrupt(`the log of tenant ${open.tenant} has no head in lane ${open.lane}`);
      return [...lanes.values()].map(({ tenant, lane, seq, hash }) => ({ tenant, lane, events: seq, head: hash }));
    },
  };
}

export interface SignerReport {
  readonly journal_records: number;
  readonly keys: number;
  /** Which KEK they are sealed under; null when there are none. */
  readonly kek_id: string | null;
}

/** What the store knows of the journal ends here; what is behind was in work, or came after the moment of the store. */
export interface JournalExtent {
  readonly known_bytes: number;
}

export interface SignerCheck {
  journal(bytes: Uint8Array): void;
  keyFile(path: string, bytes: Uint8Array): void;
  end(): SignerReport & JournalExtent;
}

/** @param signed what the journal must hold; emptied on the way @param kek undefined: the keys are not opened */
export function checkSigner(signed: Set<bigint>, kek: SecretBytes | undefined): SignerCheck {
  const made = new Map<string, { readonly spec: string; readonly spki: string }>();
  const found = new Map<string, ReturnType<typeof inspectKeyFile>>();
  const nameOf = ({ tenant, handle }: { readonly tenant: string; readonly handle: string }) => `${tenant}/${handle}`;
  let known_bytes = 0;
  const journal = checkJournal((entry, end) => {
    if (entry.op === "generate" && entry.spec !== undefined && entry.spki !== undefined)
      made.set(nameOf(entry), { spec: JSON.stringify(entry.spec), spki: entry.spki });
    if (entry.op !== "sign" || entry.tbs === undefined) return;
    if (signed.delete(short(sha256Hex(fromBase64(entry.tbs))))) known_bytes = end;
  });
  return {
    journal: (bytes) => journal.add(bytes),
    keyFile(path, bytes) {
      const key = inspectKeyFile(bytes, path, kek);
      if (path !== `signer/keys/${nameOf(key.spec)}.json`)
        throw corrupt(`key file ${path} is that of ${nameOf(key.spec)}`);
      found.set(nameOf(key.spec), key);
    },
    end() {
      const records = journal.end();
      if (signed.size > 0)
        throw corrupt(
          `${signed.size} of its events and checkpoints speak of signatures that the signer's journal does not have`,
        );
      for (const [name, { spec, spki }] of made) {
        const key = found.get(name);
        if (key === undefined) throw corrupt(`the key ${name} is in the signer's journal, its key file is missing`);
        if (JSON.stringify(key.spec) !== spec || (key.spki !== undefined && !sameBytes(key.spki, fromBase64(spki))))
          throw corrupt(`the key file of ${name} is not that of the key in the signer's journal`);
      }
      const keks = new Set([...found.values()].map((key) => key.kek));
      if (keks.size > 1) throw corrupt("its keys are sealed under more than one key encryption key");
      return { known_bytes, journal_records: records, keys: found.size, kek_id: [...keks][0] ?? null };
    },
  };
}
