/** What went wrong, and what to do next. */
import { ApiError } from "../api/client.ts";

interface Said {
  readonly title: string;
  readonly detail: string;
  readonly next?: string;
}

export function saidOf(error: unknown): Said {
  if (!(error instanceof ApiError))
    return { title: "The console failed", detail: String(error), next: "Reload the page; if it stays, report it." };
  const { status, message: detail, retryAfter, missing, problem } = error;
  if (status === 0)
    return { title: "The host cannot be reached", detail, next: "Is it running? On its machine: npm start" };
  const title = problem?.title ?? `The host answered ${status}`;
  if (status === 429 || (status === 503 && retryAfter !== undefined))
    return { title, detail, next: `Try again in ${retryAfter ?? 1} s.` };
  if (status === 403 && missing.length > 0)
    return { title, detail, next: `Ask whoever manages access for ${missing.join(", ")}.` };
  if (problem?.["reason"] === "step_up_required")
    return {
      title: "Not shown who you are",
      detail: "Nothing was done, and nothing is lost.",
      next: "Press again, and show who you are when asked.",
    };
  if (status >= 500)
    return {
      title,
      detail,
      next: `Nothing was lost. Try again; the log names trace ${problem?.trace_id ?? "of this time"}.`,
    };
  return { title, detail };
}

export function Problem({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const { title, detail, next } = saidOf(error);
  return (
    <div role="alert" className="problem">
      <strong>{title}</strong>
      <p>{detail}</p>
      {next !== undefined && <p>{next}</p>}
      {retry !== undefined && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
