/** Several functions behind one listener. */
import type { Answering, Answers, Listener } from "#functions/function";

export type Loaded = readonly [entry: Pick<Answering, "listeners" | "paths">, answers: Answers];

/** Loaded by the first request that comes for it. */
export function whenAsked(load: () => Promise<Answers>): Answers {
  let loading: Promise<Answers> | undefined;
  return {
    async fetch(request, peer) {
      loading ??= load().catch((error: unknown) => {
        loading = undefined; // the next request tries again
        throw error;
      });
      return (await loading).fetch(request, peer);
    },
  };
}

/** The function whose prefix is the longest answers; one with "/" what no other one serves. */
export function behindListener(listener: Listener, all: readonly Loaded[]): Answers {
  const routes = all
    .filter(([entry]) => entry.listeners.includes(listener))
    .flatMap(([entry, answers]) => entry.paths.map((prefix) => ({ prefix, answers })))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  const nobody = (): Response => new Response("there is nothing here\n", { status: 404 });
  return {
    fetch(request, peer) {
      const path = pathOf(request.url);
      const route = routes.find(({ prefix }) => path.startsWith(prefix));
      return route === undefined ? nobody() : route.answers.fetch(request, peer);
    },
  };
}

/** Of an absolute URL; with the query. */
function pathOf(url: string): string {
  const at = url.indexOf("/", url.indexOf("://") + 3);
  return at < 0 ? "/" : url.slice(at);
}
