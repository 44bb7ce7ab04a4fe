/** What holds at most how much: documented limits of AWS, counts of ours (test/cost), and the times that nobody documents. */

export interface System {
  readonly lanes: number;
  /** From the read of a lane's head to the end of the transaction, seconds (docs/performance.md, "Lanes on DynamoDB"). */
  readonly laneWindow: number;
  /** From the read of the journal's end to the end of the put, seconds: assumed, two small requests. */
  readonly journalWindow: number;
  /** Write units of one issuance, by where they fall. */
  readonly units: {
    readonly all: number;
    readonly lane: number;
    readonly certificates: number;
    readonly view: number;
    readonly names: number;
    readonly journal: number;
  };
  /** Write units that the transaction costs when it is cancelled. */
  readonly cancelled: number;
  readonly kmsPerSignature: number;
  /** Seconds of a projection's run, and of each event in it. */
  readonly projectionRun: number;
  readonly projectionEvent: number;
  /** Seconds that a place of the API, and of the signer in it, is taken. */
  readonly apiSeconds: number;
}

export const product: System = {
  lanes: 8,
  laneWindow: 0.015,
  journalWindow: 0.01,
  units: { all: 16, lane: 6, certificates: 2, view: 1, names: 2, journal: 2 },
  cancelled: 10,
  kmsPerSignature: 1,
  projectionRun: 0.07,
  projectionEvent: 0.001,
  apiSeconds: 0.145,
};

export const aws = {
  /** Developer Guide, "Burst and adaptive capacity": for a partition, a second. */
  partitionWriteUnits: 1_000,
  /** Developer Guide, "On-demand capacity mode": at once in a new table, and twice the earlier peak. */
  tableWriteUnits: 4_000,
  /** Service quota of a table. */
  tableQuota: 40_000,
  /** KMS, requests per second for ECC keys, an account and Region. */
  kmsSignatures: 1_000,
  /** Lambda, an account and Region. */
  concurrency: 1_000,
} satisfies Readonly<Record<string, number>>;

/** A caller of the log is told `busy` after 12 tries, whose pauses come to about two seconds; one of the signer as well. */
export const patience = 2;
/** The alarm on the age of the stream's records. */
export const mostLag = 60;

/**
 * The most that gets through where a try is lost if another ends within the same window: the maximum of G·e^(-GW) over the
 * tries G, as in slotted ALOHA.
 */
export const contended = (window: number): number => 1 / (window * Math.E);
