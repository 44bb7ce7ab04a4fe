/** Asks every few seconds which kinds of things changed, and has what shows them read again. Nothing while nobody looks. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { call } from "../api/client.ts";
import { untilAgainMs } from "../api/hooks.ts";

/** What shows a kind, by the beginning of the operation's name. */
const shownBy: Readonly<Record<string, readonly string[]>> = {
  certificate: ["certificates.", "identities."],
  owner: ["owners."],
  issuer: ["issuers."],
  identity: ["identities."],
  profile: ["profiles."],
  "profile-version": ["profiles."],
  "enrolment-endpoint": ["enrolment-endpoints."],
  "enrolment-credential": ["enrolment-credentials."],
  "enrolment-request": ["enrolment-requests.", "status."],
  token: ["access."],
  member: ["access."],
  person: ["sessions."],
  outbox: ["outbox.", "circuits.", "status.get"],
  intervention: ["circuits.", "projections.", "status."],
  "revocation-job": ["revocations."],
};

export function useLive(): void {
  const queries = useQueryClient();
  const cursor = useRef<string>(undefined);
  const { data } = useQuery({
    queryKey: ["live"],
    queryFn: ({ signal }) =>
      call("status.changes", { query: cursor.current === undefined ? {} : { after: cursor.current }, signal }),
    refetchInterval: ({ state }) => untilAgainMs(state.error, state.data?.next_in_seconds ?? 5),
    retry: false,
  });
  useEffect(() => {
    if (data === undefined) return;
    cursor.current = data.cursor;
    if (data.changed.length === 0) return;
    const prefixes = data.changed.flatMap((kind) => (kind === "*" ? [""] : (shownBy[kind] ?? [])));
    const shows = (name: string): boolean => prefixes.some((prefix) => name.startsWith(prefix));
    void queries.invalidateQueries({
      predicate: ({ queryKey: [name] }) => name !== "live" && name !== "session" && shows(String(name)),
    });
    // Every event is a line of the audit trail.
    void queries.invalidateQueries({ queryKey: ["audit.list"] });
  }, [data, queries]);
}
