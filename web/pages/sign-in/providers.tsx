import { useQuery } from "@tanstack/react-query";
import { request } from "../../api/client.ts";
import { Problem } from "../../parts/problem.tsx";

/** `GET /auth/methods`. */
interface Methods {
  readonly providers: readonly { readonly id: string; readonly title: string; readonly start: string }[];
}

const methodsQuery = {
  queryKey: ["sign-in-methods"],
  queryFn: async () => (await request("GET", "/auth/methods")) as Methods,
  staleTime: 60_000,
} as const;

/** A link for each identity provider: the browser leaves the console, and comes back to where it is now. */
export function Providers() {
  const { data, error, refetch } = useQuery(methodsQuery);
  if (error !== null) return <Problem error={error} retry={() => void refetch()} />;
  if (data === undefined) return <p className="waiting">Loading…</p>;
  const returnTo = encodeURIComponent(location.pathname + location.search);
  return (
    <>
      {data.providers.map(({ id, title, start }) => (
        <p key={id}>
          <a className="button primary" href={`${start}?return_to=${returnTo}`}>
            Sign in with {title}
          </a>
        </p>
      ))}
      <p>
        {data.providers.length === 0
          ? "Nobody is signed in. On the machine that this runs on, make a link that signs in once:"
          : "If that does not work: on the machine that this runs on, make a link that signs in once:"}
      </p>
    </>
  );
}
