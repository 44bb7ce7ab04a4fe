/** Exported functions that are named like parsers and read nothing from outside, with the reason. */
export const inside: Readonly<Record<string, string>> = {
  "shared/kernel/bytes.ts fromHex": "a conversion that never fails; who uses it on a peer's text checks the text",
  "shared/kernel/bytes.ts fromBase64": "as fromHex",
  "shared/kernel/bytes.ts fromBase64url": "as fromHex",
  "events/log/rebuild.ts readAll": "pages of the log, through its port; `readEvent` reads each",
  "cli/archive/check-checkpoints.ts readCheckpoints": "files of an export; `parseNote` and `parseCheckpoint` read each",
  "cli/archive/write.ts fromTheBeginning": "begins to read an export anew",
  "events/checkpoints/tree.ts readTile": "cuts a tile to its width; `decodeEntries` reads it",
  "events/log/links.ts readLinks": "hands on the stored texts unread",
  "shared/usecases/sign-crl.ts readOwnCrl": "what was built here; `parseTbsCertList` reads it",
  "signer/guard/crl.ts readCrl": "asks `parseTbsCertList`, and says how much of it is known",
  "events/retention/snapshot.ts readSnapshots": "hands on the stored texts unread",
  "shared/tlog/frontier.ts readFrontier": "asks for hashes, reads none",
  "events/log/rebuild.ts readPages": "as readAll",
  "infra/local/backup/backup-key.ts readBackupKey": "as readKek",
  "shared/usecases/lint-before-signing.ts readBuilt": "runs a parser that is fuzzed over what we built",
  "signer/keys/kek.ts readKek": "any 32 bytes are a key; its other rules are those of files",
};
