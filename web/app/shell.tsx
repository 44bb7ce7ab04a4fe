/** Navigation and who is signed in, around every page. */
import { Link, Outlet } from "@tanstack/react-router";
import { useQueryClient } from "@tanstack/react-query";
import { request } from "../api/client.ts";
import { pages } from "../pages/registry.ts";
import { useLive } from "./live.ts";
import { useSession } from "./session.tsx";
import { StepUp } from "./step-up.tsx";

export function Shell() {
  const { tenant, subject, name, scopes } = useSession();
  useLive();
  const may = (permission: string | undefined): boolean =>
    permission === undefined || scopes.includes("*") || scopes.includes(permission);
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to content
      </a>
      <header>
        <Link to="/" className="brand">
          trstctl
        </Link>
        <span className="who">
          <span>
            <Link to="/sessions">{name ?? subject}</Link> in {tenant}
          </span>
          <SignOut />
        </span>
      </header>
      <nav aria-label="Pages">
        {pages.map(({ path, title, permission }) =>
          title === undefined || !may(permission) ? null : (
            <Link key={path} to={path} activeOptions={{ exact: path === "/" }} activeProps={{ "aria-current": "page" }}>
              {title}
            </Link>
          ),
        )}
      </nav>
      <main id="content" tabIndex={-1}>
        <StepUp />
        <Outlet />
      </main>
    </div>
  );
}

function SignOut() {
  const queries = useQueryClient();
  const signOut = async (): Promise<void> => {
    const onward = (await request("POST", "/auth/logout")) as { readonly continue_at: string } | undefined;
    queries.clear();
    location.assign(onward?.continue_at ?? "/");
  };
  return (
    <button type="button" onClick={() => void signOut()}>
      Sign out
    </button>
  );
}

export function NotFound() {
  return (
    <>
      <h1>There is no such page</h1>
      <p>
        <Link to="/">Go to the start</Link>
      </p>
    </>
  );
}
