/** Who is signed in. Everything else waits until that is known. */
import { type QueryClient, useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext } from "react";
import { ApiError, request, setCsrfToken } from "../api/client.ts";
import { SignIn } from "../pages/sign-in/sign-in.tsx";
import { Problem } from "../parts/problem.tsx";

/** `GET /auth/session`. */
export interface Session {
  readonly id: string;
  readonly tenant: string;
  readonly subject: string;
  readonly name: string | null;
  readonly method: "local" | "oidc";
  /** Name of the identity provider; null for a session by link. */
  readonly provider: string | null;
  readonly roles: readonly string[];
  /** Permissions, or `*`. */
  readonly scopes: readonly string[];
  readonly csrf_token: string;
  /** RFC 3339; when the person last showed who they are. */
  readonly authenticated_at: string;
  /** RFC 3339; the session ends then, whatever happens. */
  readonly expires_at: string;
}

const Current = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(Current);
  if (session === undefined) throw new Error("there is no session here");
  return session;
}

/** True when the session may do that; the host decides again. */
export function useMay(permission: string): boolean {
  const { scopes } = useSession();
  return scopes.includes("*") || scopes.includes(permission);
}

const sessionKey = ["session"] as const;

/** Whose everything is that was read so far; undefined: nobody's. */
let readBy: string | undefined;
const whoOf = ({ tenant, subject }: Session): string => `${tenant} ${subject}`;

/** What one person read is not there for the next one, nor for who stands before the page of a session that is over. */
function forgetOfOthers(queries: QueryClient, session: Session | null): void {
  const who = session === null ? undefined : whoOf(session);
  if (who !== readBy) queries.removeQueries({ predicate: ({ queryKey: [name] }) => name !== sessionKey[0] });
  readBy = who;
}

async function readSession(last = false): Promise<Session | null> {
  try {
    const session = (await request("GET", "/auth/session")) as Session;
    setCsrfToken(session.csrf_token);
    return session;
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) throw error;
    if (readBy === undefined || last) return null;
    // It may have crossed a step-up, which gives the browser another cookie: what comes a second later does not.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return readSession(true);
  }
}

export const sessionQuery = {
  queryKey: sessionKey,
  async queryFn({ client }: { readonly client: QueryClient }): Promise<Session | null> {
    const session = await readSession();
    forgetOfOthers(client, session);
    return session;
  },
  staleTime: 60_000,
} as const;

export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const { data, error, refetch } = useQuery(sessionQuery);
  if (error !== null) return <Problem error={error} retry={() => void refetch()} />;
  if (data === undefined) return <p className="waiting">Loading…</p>;
  if (data === null) return <SignIn />;
  return (
    <Current key={whoOf(data)} value={data}>
      {children}
    </Current>
  );
}
