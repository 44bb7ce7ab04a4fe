import { useEffect, useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { request } from "../../api/client.ts";
import { linkSecretOf } from "../../app/sign-in-link.ts";
import { LinkCommands } from "../../parts/link-commands.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Providers } from "./providers.tsx";
import { TrustHint } from "../../parts/trust-hint.tsx";

/** Offers what the host has: its identity provider, or the link of the first start. */
export function SignIn() {
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    const follow = (): void => {
      const secret = linkSecretOf(location.hash);
      if (secret === undefined) return;
      history.replaceState(null, "", location.pathname);
      request("POST", "/auth/local", { body: { secret } }).then(
        () => queries.invalidateQueries({ queryKey: ["session"] }),
        setError,
      );
    };
    follow();
    // A link that is pasted over this page's own address loads nothing.
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, [queries]);
  return (
    <main className="sign-in">
      <h1>trstctl</h1>
      {error !== undefined && <Problem error={error} />}
      <Providers />
      <LinkCommands />
      <TrustHint />
    </main>
  );
}
