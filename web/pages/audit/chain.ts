/**
 * The audit chain, computed in the browser from the stored text: the host's word is not taken for it. `trstctl audit
 * verify` does the same and proves checkpoints too.
 */
import { call } from "../../api/client.ts";
import { sha256Hex } from "./sha256.ts";

export interface Chain {
  readonly events: number;
  readonly lanes: number;
  /** Where it does not hold; undefined: it does, as far as it was read. */
  readonly broken?: string;
}

/** @param onProgress after every page */
export async function followChain(onProgress: (chain: Chain) => void): Promise<void> {
  const tails = new Map<number, { readonly sequence: number; readonly hash: string }>();
  let cursor: string | undefined;
  let events = 0;
  let broken: string | undefined;
  do {
    const page = await call("audit.export", { query: { limit: 100, ...(cursor !== undefined && { cursor }) } });
    for (const { lane, sequence, hash, event, sha256 } of page.items) {
      const tail = tails.get(lane) ?? { sequence: 0, hash: "" };
      const content = event === null ? sha256 : await sha256Hex(event);
      const link = `trstctl/event/1\n${page.tenant}\n${lane}\n${sequence}\n${tail.hash}\n${content}`;
      if (sequence !== tail.sequence + 1 || (await sha256Hex(link)) !== hash)
        broken ??= `event ${sequence} of lane ${lane} does not follow from the one before it`;
      tails.set(lane, { sequence, hash });
      events++;
    }
    cursor = page.next_cursor ?? undefined;
    onProgress({ events, lanes: tails.size, ...(broken !== undefined && { broken }) });
  } while (cursor !== undefined && broken === undefined);
}
