/** What a person sees whom a sign-in did not let in: why, in words, and what to do. It needs no script, and no session. */
import type { Answer } from "#shared/http/answer";
import { problemAnswer } from "#shared/http/problem";
import { shownFailure } from "#shared/kernel/shown-failure";
import type { SignInByProvider } from "#shared/ports/identity-provider";

export const wantsPage = ({ headers }: Request): boolean => (headers.get("accept") ?? "").includes("text/html");

const marks: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (mark) => marks[mark] ?? "");

/** After which it helps to be somebody else at the provider. */
const others: ReadonlySet<unknown> = new Set(["unmapped", "several_tenants", "no_such_tenant", "another_person"]);

/** @param traceId by which the operator finds it in the log */
export function refusalPage(error: unknown, traceId: string, provider: string, signIn: SignInByProvider): Answer {
  const failure = shownFailure(error);
  const { status, headers } = problemAnswer(error, traceId);
  const configured = signIn.get(provider);
  const another =
    configured !== undefined && others.has(failure.extensions?.["reason"])
      ? `<p><a class="action" href="/auth/oidc/${configured.id}/start?choose=1">Choose another account at ${escaped(configured.title)}</a></p>`
      : "";
  const message = `${failure.message.slice(0, 1).toUpperCase()}${failure.message.slice(1)}.`;
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not signed in - trstctl</title>
<link rel="stylesheet" href="/auth/page.css">
</head>
<body>
<main>
<h1>You are not signed in</h1>
<p role="alert">${escaped(message)}</p>
${another}
<p><a class="action" href="/">Back to the sign-in page</a></p>
<p class="trace">For whoever runs this host: trace <code>${escaped(traceId)}</code></p>
</main>
</body>
</html>
`;
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      ...(headers["retry-after"] !== undefined && { "retry-after": headers["retry-after"] }),
    },
    body,
  };
}

/** The console's own sheet has another name with every build. */
const style = `:root {
  color-scheme: light dark;
  font: 15px / 1.5 system-ui, sans-serif;
}
body {
  margin: 0;
  background: light-dark(#ffffff, #14171c);
  color: light-dark(#1b2027, #e8ebf0);
}
main {
  max-width: 34rem;
  margin: 12vh auto 0;
  padding: 0 1rem;
  overflow-wrap: anywhere;
}
h1 {
  font-size: 1.5rem;
}
.action {
  color: light-dark(#0b57b8, #7db4ff);
}
.trace {
  color: light-dark(#56606e, #a3adbb);
  font-size: 0.9em;
}
:focus-visible {
  outline: 3px solid light-dark(#0b57b8, #7db4ff);
  outline-offset: 2px;
}
`;

export const pageStyle = (): Answer => ({
  status: 200,
  headers: { "content-type": "text/css; charset=utf-8", "cache-control": "public, max-age=3600" },
  body: style,
});
