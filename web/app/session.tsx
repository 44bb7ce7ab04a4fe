/** Who is signed in. Everything else waits until that is known. */
import { useQuery } from "@tanstack/react-query";
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

export const sessionQuery = {
  queryKey: ["session"],
  async queryFn(): Promise<Session | null> {
    try {
      const session = (await request("GET", "/auth/session")) as Session;
      setCsrfToken(session.csrf_token);
      return session;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
} as const;

export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const { data, error, refetch } = useQuery(sessionQuery);
  if (error !== null) return <Problem error={error} retry={() => void refetch()} />;
  if (data === undefined) return <p className="waiting">Loading…</p>;
  if (data === null) return <SignIn />;
  return <Current value={data}>{children}</Current>;
}
