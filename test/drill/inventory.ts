import { apiGet } from "../bench/api.ts";
import type { RunningHost } from "../bench/host.ts";

interface Page {
  readonly items: readonly Record<string, unknown>[];
  readonly next_cursor: string | null;
}

/** A list of the API, all pages. */
export async function everything(host: RunningHost, path: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: Page = await apiGet(host, `${path}?limit=100${cursor === "" ? "" : `&cursor=${cursor}`}`);
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
}

const lists = ["/issuers", "/owners", "/profiles", "/identities", "/access/members"];

/** Everything but certificates, which the load adds to: each list as text, by its path. */
export const inventoryOf = async (host: RunningHost): Promise<ReadonlyMap<string, string>> =>
  new Map(await Promise.all(lists.map(async (path) => [path, JSON.stringify(await everything(host, path))] as const)));
