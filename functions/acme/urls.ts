/** Where things are. All URLs come from the configured origin and the endpoint's label, never from a request. */

export interface Urls {
  /** Of a path below the endpoint. */
  readonly of: (path: string) => string;
  readonly directory: string;
  readonly account: (id: string) => string;
  readonly orders: (account: string, cursor?: string) => string;
  readonly order: (id: string) => string;
  readonly finalize: (id: string) => string;
  readonly authorization: (id: string) => string;
  readonly challenge: (authorization: string, type: string) => string;
  readonly certificate: (order: string) => string;
}

const cache = new Map<string, Urls>();
const maxCached = 1_000;

/** @param publicUrl origin of the listener */
export function urlsOf(publicUrl: string, label: string): Urls {
  const base = `${publicUrl}/acme/${label}/`;
  const known = cache.get(base);
  if (known !== undefined) return known;
  const urls: Urls = {
    of: (path) => base + path,
    directory: `${base}directory`,
    account: (id) => `${base}acct/${id}`,
    orders: (account, cursor) => `${base}orders/${account}${cursor === undefined ? "" : `?cursor=${cursor}`}`,
    order: (id) => `${base}order/${id}`,
    finalize: (id) => `${base}finalize/${id}`,
    authorization: (id) => `${base}authz/${id}`,
    challenge: (authorization, type) => `${base}chall/${authorization}/${type}`,
    certificate: (order) => `${base}cert/${order}`,
  };
  if (cache.size >= maxCached) cache.clear();
  cache.set(base, urls);
  return urls;
}
