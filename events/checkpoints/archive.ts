/**
 * The form in which events of a log leave it and can be verified without it: `trstctl audit export --to` and `audit prune`
 * write it, `trstctl audit verify --offline` reads it. What is written has one form, so every byte of it is checked.
 */
import * as z from "zod";
import { sha256Hex } from "#shared/crypto/hash";
import { Failure } from "#shared/kernel/failure";
import type { ChainLink } from "#shared/ports/event-log";

export const archiveFormat = "trstctl-audit/1";
export const manifestFile = "manifest.json";
export const eventsFile = "events.ndjson";
export const newestFile = "checkpoint";
export const checkpointsFolder = "checkpoints";

export const checkpointFile = (size: number): string => `${checkpointsFolder}/${String(size).padStart(12, "0")}`;

const hexHash = z.string().regex(/^[0-9a-f]{64}$/);
const natural = z.number().int().min(0);

const manifest = z.strictObject({
  format: z.literal(archiveFormat),
  tenant: z.string(),
  /** Place in the tree of the first event; 0 for a whole log. */
  first: natural,
  /** The right edge of the tree before it, largest subtree first, base64. */
  frontier: z.array(z.string()),
  /** For each lane with events in here: the last event before them. Empty for a whole log. */
  lanes: z.array(z.strictObject({ lane: natural, sequence: natural, hash: z.union([hexHash, z.literal("")]) })),
});

export type Manifest = z.output<typeof manifest>;

export const formatManifest = (value: Manifest): string => `${JSON.stringify(value)}\n`;

const line = z.strictObject({
  lane: natural,
  sequence: natural.min(1),
  hash: hexHash,
  /** The stored text, or its SHA-256 where retention removed it. */
  event: z.string().optional(),
  sha256: hexHash.optional(),
});

export type ArchiveLine = z.output<typeof line>;

/** One event, in the order of the tree. */
export const formatLine = ({ lane, seq, hash, sha256, event }: ChainLink): string =>
  `${JSON.stringify({ lane, sequence: seq, hash, ...(event === undefined ? { sha256 } : { event }) })}\n`;

/** A digest over lines in their order, begun with the empty text: who knows it has had every one of them. */
export const foldLine = (digest: string, text: string): string => sha256Hex(`${digest}\n${text}`);

/** Exact: what it gives, formatted again, is the very text. @throws Failure `malformed` */
const exact =
  <T extends z.ZodType>(schema: T, what: string) =>
  (text: string): z.output<T> => {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    const parsed = schema.safeParse(json);
    if (!parsed.success || `${JSON.stringify(parsed.data)}\n` !== text)
      throw new Failure("malformed", `this is no ${what}`);
    return parsed.data;
  };

export const parseManifest = exact(manifest, "manifest of an audit export");
export const parseLine = exact(
  line.refine(({ event, sha256 }) => (event === undefined) !== (sha256 === undefined)),
  "exported event",
);
