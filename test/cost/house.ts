/** What a house stands on as on AWS, with everything that costs counted. */
import { dynamoDirectory } from "#shared/adapters/aws/directory";
import { dynamoTableStore } from "#shared/adapters/aws/table";
import { fromBase64 } from "#shared/kernel/bytes";
import type { Clock } from "#shared/ports/clock";
import type { JournalRecord, Signer } from "#shared/ports/signer";
import { startDynamo } from "#test/contract/dynamo";
import type { Storage } from "#test/in-process/house";
import { writeUnits } from "./item-size.ts";
import { type Meter, meter } from "./meter.ts";

export interface CostStorage {
  readonly storageOf: (clock: Clock) => Storage;
  readonly meter: Meter;
  stop(): Promise<void>;
}

export async function openCostStorage(): Promise<CostStorage> {
  const { client, tables, stop } = await startDynamo();
  return {
    storageOf: (clock) => ({
      tables: dynamoTableStore({ clientOf: () => client, tableName: tables.core, clock }),
      directory: dynamoDirectory({ client, tableName: tables.directory, clock }),
      lanes: 8,
      several: true,
    }),
    meter: meter(client),
    stop,
  };
}

export interface Signatures {
  /** With a record of its own: one conditional put of the signer's. */
  readonly journalled: number;
  /** Counted in an item of the signer's (OCSP answers, checkpoints), which is put again for each. */
  readonly counted: number;
  /** Write units of both. */
  readonly journalUnits: number;
}

/** What the signer signed and wrote down for a tenant since the last call. */
export function signatureMeter(signer: Signer, tenant: string): { signer: Signer; take(): Promise<Signatures> } {
  let after = 0;
  let signed = 0;
  return {
    signer: {
      ...signer,
      sign: async (request) => {
        const answer = await signer.sign(request);
        signed++;
        return answer;
      },
    },
    async take() {
      const records: JournalRecord[] = [];
      for (;;) {
        const page = await signer.journal(tenant, after, 1_000);
        if (page.length === 0) break;
        records.push(...page);
        after = page.at(-1)?.n ?? after;
      }
      const own = records.filter(({ op }) => op === "sign");
      const counted = signed - own.length;
      signed = 0;
      const journalUnits = own.reduce((sum, record) => sum + writeUnits(recordBytes(record)), counted);
      return { journalled: own.length, counted, journalUnits };
    },
  };
}

/** Key, revision, hash of the record before, profile and request: what a record's item has beside these fields. */
const besides = 260;

/** TBS and signature are stored as bytes, the rest as JSON. */
function recordBytes({ tbs = "", signature = "", ...rest }: JournalRecord): number {
  return JSON.stringify(rest).length + fromBase64(tbs).length + fromBase64(signature).length + besides;
}
