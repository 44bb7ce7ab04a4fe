/** Operations as React asks them: reading is cached under the operation's name, changing keeps its key until it succeeded. */
import {
  useMutation,
  useQuery,
  useQueryClient,
  type UseQueryOptions,
  type UseQueryResult,
} from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { ApiError, call, type Input, newKey } from "./client.ts";
import type { OperationId, Operations } from "./generated.ts";

/** All answers at once are more than the compiler can follow; `useOperation` says again which one it is. */
const asked = call as (id: OperationId, input: object) => Promise<unknown>;

type Answer<O extends OperationId> = Operations[O]["response"];

/**
 * @param when false: not yet, or not at all
 * @param everySeconds asked again so often while somebody looks: for what changes without an event in the log
 */
export function useOperation<O extends OperationId>(
  id: O,
  input: Input<O>,
  when = true,
  everySeconds?: number,
): UseQueryResult<Answer<O>> {
  const query: UseQueryOptions = {
    queryKey: [id, input as unknown],
    queryFn: ({ signal }) => asked(id, extended(input, { signal })),
    enabled: when,
    ...(everySeconds !== undefined && { refetchInterval: ({ state }) => untilAgainMs(state.error, everySeconds) }),
  };
  return useQuery(query) as UseQueryResult<Answer<O>>;
}

/** Who was told to slow down does; a page that goes on asking would take the place of what somebody wants. */
export const untilAgainMs = (error: unknown, everySeconds: number): number =>
  1000 * (error instanceof ApiError ? Math.max(everySeconds, 2 * (error.retryAfter ?? 0)) : everySeconds);

/**
 * A change. A second try of a submit that failed is the same operation to the host: it carries the same key as long as what
 * is asked is the same.
 */
export function useChange<O extends OperationId>(id: O) {
  const queries = useQueryClient();
  const sent = useRef<{ readonly text: string; readonly key: string }>(undefined);
  return useMutation<Answer<O>, Error, Input<O>>({
    mutationFn(input) {
      const text = JSON.stringify(input);
      if (sent.current?.text !== text) sent.current = { text, key: newKey() };
      return call(id, extended(input, { key: sent.current.key }));
    },
    onSuccess() {
      sent.current = undefined;
      const [group] = id.split(".");
      return queries.invalidateQueries({ predicate: ({ queryKey: [name] }) => String(name).startsWith(`${group}.`) });
    },
  });
}

/** Has a list read again so often while somebody looks: for what changes without an event in the log. */
export function useReadAgain(id: OperationId, everySeconds: number): void {
  const queries = useQueryClient();
  useEffect(() => {
    const again = (): void => void (document.hidden || queries.invalidateQueries({ queryKey: [id] }));
    const timer = setInterval(again, everySeconds * 1000);
    return () => clearInterval(timer);
  }, [queries, id, everySeconds]);
}

/** Spreading an input of any operation is more than the compiler can follow. */
const extended = <O extends OperationId>(
  input: Input<O>,
  more: { readonly signal?: AbortSignal; readonly key?: string },
) => Object.assign({}, input, more);
