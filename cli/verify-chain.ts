/**
 * The check of the audit chain (I3), without the host's word for it: every hash is computed again from the stored text.
 * Pages go in as they come; only the tail of each lane is kept.
 */

export interface ExportedLink {
  readonly lane: number;
  readonly sequence: number;
  readonly hash: string;
  /** The stored text, exactly; null where retention removed it: then the chain goes on over its SHA-256. */
  readonly event: string | null;
  readonly sha256: string;
}

export interface ExportedHead {
  readonly lane: number;
  readonly sequence: number;
  readonly hash: string;
}

export interface ExportedPage {
  readonly tenant: string;
  readonly heads: readonly ExportedHead[];
  readonly items: readonly ExportedLink[];
}

export interface ChainFault {
  readonly lane: number;
  readonly sequence: number;
  readonly problem: string;
}

export interface ChainReport {
  readonly tenant: string | undefined;
  readonly events: number;
  /** Of these, so many that retention removed: their hashes are there, not what they said. */
  readonly pruned: number;
  readonly lanes: number;
  readonly holds: boolean;
  readonly faults: readonly ChainFault[];
  /** Events that came while the export was read, after their lane's last page; another run covers them. */
  readonly appended: number;
}

/** `linkHash` of events/log/chain. */
export type HashLink = (link: {
  readonly tenant: string;
  readonly lane: number;
  readonly seq: number;
  readonly prev: string;
  readonly sha256: string;
}) => string;

/** `sha256Hex` of shared/crypto. */
export type HashText = (text: string) => string;

interface Lane {
  sequence: number;
  hash: string;
  /** Heads seen that the export has not reached yet, by sequence. */
  readonly ahead: Map<number, string>;
  /** The head when reading began: the export must reach it. */
  least: number;
  /** The head on the newest page. */
  head: number;
}

export interface ChainCheck {
  readonly page: (page: ExportedPage) => void;
  readonly report: () => ChainReport;
}

/** More are counted by nobody: the first ones say where to look. */
const mostFaults = 100;

export function checkChain(hashLink: HashLink, hashText: HashText): ChainCheck {
  const lanes = new Map<number, Lane>();
  const faults: ChainFault[] = [];
  let tenant: string | undefined;
  let events = 0;
  let pruned = 0;
  let pages = 0;

  const fault = (lane: number, sequence: number, problem: string): void => {
    if (faults.length < mostFaults) faults.push({ lane, sequence, problem });
  };
  const laneOf = (number: number): Lane => {
    const lane = lanes.get(number) ?? { sequence: 0, hash: "", ahead: new Map<number, string>(), least: 0, head: 0 };
    lanes.set(number, lane);
    return lane;
  };

  // Heads of a page are read before its items: what lies ahead is checked when the items get there.
  const takeHead = (head: ExportedHead): void => {
    const lane = laneOf(head.lane);
    const forked = "the head has another hash than the event: the lane is forked or its head was rewritten";
    if (head.sequence < lane.head)
      fault(head.lane, head.sequence, `the head went back from ${lane.head} to ${head.sequence}`);
    else if (head.sequence < lane.sequence)
      fault(
        head.lane,
        head.sequence,
        `the head is at ${head.sequence}, but events up to ${lane.sequence} were exported`,
      );
    else if (head.hash !== (head.sequence === lane.sequence ? lane.hash : (lane.ahead.get(head.sequence) ?? head.hash)))
      fault(head.lane, head.sequence, forked);
    if (head.sequence > lane.sequence) lane.ahead.set(head.sequence, head.hash);
    if (pages === 0) lane.least = head.sequence;
    lane.head = Math.max(lane.head, head.sequence);
  };

  const takeLink = (name: string, link: ExportedLink): void => {
    const lane = laneOf(link.lane);
    const due = lane.sequence + 1;
    const digest = link.event === null ? link.sha256 : hashText(link.event);
    events += 1;
    if (link.event === null) pruned += 1;
    if (link.sequence < due) {
      fault(link.lane, link.sequence, `came after sequence ${lane.sequence}: doubled or out of order`);
      return;
    }
    if (link.sequence > due)
      fault(
        link.lane,
        due,
        due + 1 === link.sequence ? "the event is missing" : `the events up to ${link.sequence - 1} are missing`,
      );
    else if (
      hashLink({ tenant: name, lane: link.lane, seq: link.sequence, prev: lane.hash, sha256: digest }) !== link.hash
    )
      fault(link.lane, link.sequence, "the hash does not fit the event and the hash before it");
    else if (digest !== link.sha256) fault(link.lane, link.sequence, "the SHA-256 beside it is not that of the event");
    const expected = lane.ahead.get(link.sequence);
    if (expected !== undefined && expected !== link.hash)
      fault(
        link.lane,
        link.sequence,
        "the event has another hash than the head had: the lane is forked or was rewritten",
      );
    for (const sequence of lane.ahead.keys()) if (sequence <= link.sequence) lane.ahead.delete(sequence);
    lane.sequence = link.sequence;
    lane.hash = link.hash;
  };

  return {
    page: (page) => {
      tenant ??= page.tenant;
      if (page.tenant !== tenant) fault(0, 0, `a page belongs to tenant ${page.tenant}, the ones before to ${tenant}`);
      for (const [number, lane] of lanes)
        if (lane.head > 0 && !page.heads.some((head) => head.lane === number))
          fault(number, lane.head, "the head of the lane is gone");
      for (const head of page.heads) takeHead(head);
      for (const link of page.items) takeLink(page.tenant, link);
      pages += 1;
    },
    report: () => {
      const found = [...faults];
      let appended = 0;
      for (const [number, lane] of lanes) {
        if (lane.head === 0 && lane.sequence > 0)
          found.push({ lane: number, sequence: lane.sequence, problem: "the lane has events and no head" });
        else if (lane.sequence < lane.least)
          found.push({
            lane: number,
            sequence: lane.sequence + 1,
            problem: `the lane ends at ${lane.sequence}, its head stood at ${lane.least}: the tail is missing`,
          });
        else appended += Math.max(0, lane.head - lane.sequence);
      }
      return { tenant, events, pruned, lanes: lanes.size, holds: found.length === 0, faults: found, appended };
    },
  };
}
