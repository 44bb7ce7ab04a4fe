/** What the installation wrote down, read from outside as it grows: the event log over the API, the signer's journal from its file. */
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { chainHash } from "#events/log/chain";
import { sha256Hex } from "#shared/crypto/hash";
import { fromBase64 } from "#shared/kernel/bytes";
import { parseTbsCertificate } from "#shared/pki/certificate";
import type { Api, Json } from "./api.ts";
import { isOurs } from "./requests.ts";
import { doubled, lost, wrong } from "./violation.ts";

export interface Signature {
  readonly type: string;
  readonly opId: string;
  /** Of the certificate that was signed, if it was one. */
  readonly name: string | undefined;
  readonly time: number;
}

export interface Records {
  /** Reads on. @throws Violation when the chain does not go on from where it was, or something stands there twice */
  read(): Promise<void>;
  /** SHA-256 of the TBS of each signature that has no event, and of each event that has no signature. */
  readonly unrecorded: ReadonlyMap<string, Signature>;
  readonly unjournalled: ReadonlyMap<string, string>;
  /** Certificates by the name that was asked for: `issued` or `reconciled`. */
  readonly certificates: ReadonlyMap<string, "certificate.issued" | "certificate.reconciled">;
  /** Effects that were asked for and not delivered. */
  readonly pending: ReadonlyMap<string, string>;
  readonly events: () => number;
}

const tenant = "default";
const hashLength = 64;

/** @param data the installation's data directory */
export function createRecords(api: Api, data: string): Records {
  const unrecorded = new Map<string, Signature>();
  const unjournalled = new Map<string, string>();
  const certificates = new Map<string, "certificate.issued" | "certificate.reconciled">();
  const signed = new Map<string, string>();
  const operations = new Map<string, string>();
  const pending = new Map<string, string>();
  const delivered = new Set<string>();
  const lists = new Map<
    string,
    { readonly number: number; readonly entries: string; readonly at: string; setBack: boolean }
  >();
  let sequence = 0;
  let head = "";
  let journalAt = 0;

  async function readEvents(): Promise<void> {
    for (;;) {
      const cursor = Buffer.from(`export:0:${sequence}`).toString("base64url");
      const page: Json = await api.get(`/audit/export?limit=1000&cursor=${cursor}`);
      if (page.heads.length !== 1) wrong(`the log has ${page.heads.length} lanes`);
      if (page.heads[0].sequence < sequence)
        lost(`the log ends at event ${page.heads[0].sequence}, and there was event ${sequence}`);
      for (const link of page.items) {
        if (link.sequence !== sequence + 1) wrong(`event ${sequence + 1} is followed by ${link.sequence}`);
        const hash = chainHash({ tenant, lane: 0, seq: link.sequence, prev: head, event: link.event });
        if (hash !== link.hash) wrong(`the chain breaks at event ${link.sequence}`);
        sequence++;
        head = hash;
        take(JSON.parse(link.event) as Json);
      }
      if (page.next_cursor === null) return;
    }
  }

  function take(event: Json): void {
    for (const { id, destination } of event.effects ?? []) pending.set(id, destination);
    const { type, data: facts, stream } = event;
    if (typeof facts.tbs_sha256 === "string" && !unrecorded.delete(facts.tbs_sha256))
      unjournalled.set(facts.tbs_sha256, `${type} ${event.id}`);
    if (type === "outbox.dead") wrong(`effect ${stream.id} (${facts.destination}) was given up: ${facts.error}`);
    if (type === "outbox.delivered") {
      if (delivered.has(stream.id)) doubled(`effect ${stream.id} was delivered twice`);
      delivered.add(stream.id);
      pending.delete(stream.id);
    }
    for (const list of lists.values()) if (event.time < list.at) list.setBack = true;
    // The clock's duty is no effect.
    if (type === "crl.published" && event.actor.subject !== "system:freshness") takeCrl(facts);
    if (type === "certificate.issued" || type === "certificate.reconciled") {
      const name = String(facts.sans[0]).replace(/^dns:/, "");
      if (!isOurs(name)) return;
      if (certificates.has(name)) doubled(`${name} has two certificates`);
      certificates.set(name, type);
    }
  }

  /** The receiver of `crl.publish`: what it was told once it does not do again. */
  function takeCrl({ issuer, shard, number, entries_sha256: entries, this_update: at, base }: Json): void {
    const list = `${issuer}/${shard}`;
    const before = lists.get(list);
    if (before !== undefined && number <= before.number) wrong(`CRL ${list}: ${number} follows ${before.number}`);
    // One that lay in the future when the clock was set back is made anew, perhaps when the clock is right again; and one on
    // which deltas can build again, where the signer's journal has lost the base.
    const isNewBase = base?.number === number;
    if (before !== undefined && before.entries === entries && before.at <= at && !before.setBack && !isNewBase)
      doubled(`CRL ${list}: ${number} says no more than ${before.number}`);
    lists.set(list, { number, entries, at, setBack: false });
  }

  function readJournal(): void {
    const bytes = readFrom(join(data, "signer", "journal"), journalAt);
    for (let feed = bytes.indexOf(10), at = 0; feed !== -1; at = feed + 1, feed = bytes.indexOf(10, at)) {
      const record: Json = JSON.parse(bytes.toString("utf8", at + hashLength, feed));
      journalAt += feed + 1 - at;
      if (record.tenant !== tenant || record.op !== "sign" || record.tbs === undefined) continue;
      if (record.type === "checkpoint") continue; // no event: the log is what it is about
      const tbs = fromBase64(record.tbs);
      const name = record.type === "certificate" ? nameOf(tbs) : undefined;
      if (name !== undefined) {
        const other = signed.get(name);
        if (other !== undefined) doubled(`${name} was signed twice, by ${other} and by ${record.opId}`);
        signed.set(name, record.opId);
      }
      if (operations.has(record.opId)) doubled(`operation ${record.opId} was signed twice`);
      operations.set(record.opId, record.type);
      const hash = sha256Hex(tbs);
      if (!unjournalled.delete(hash))
        unrecorded.set(hash, { type: record.type, opId: record.opId, name, time: record.time });
    }
  }

  return {
    async read() {
      await readEvents();
      readJournal();
      await readEvents();
    },
    unrecorded,
    unjournalled,
    certificates,
    pending,
    events: () => sequence,
  };
}

/** Only of certificates that were asked for here. */
function nameOf(tbs: Uint8Array): string | undefined {
  const [san] = parseTbsCertificate(tbs).sans;
  return san?.type === "dns" && isOurs(san.value) ? san.value : undefined;
}

function readFrom(path: string, at: number): Buffer {
  const file = openSync(path, "r");
  try {
    const parts: Buffer[] = [];
    for (;;) {
      const part = Buffer.alloc(1 << 20);
      const length = readSync(file, part, 0, part.length, at);
      if (length === 0) return Buffer.concat(parts);
      parts.push(part.subarray(0, length));
      at += length;
    }
  } finally {
    closeSync(file);
  }
}
