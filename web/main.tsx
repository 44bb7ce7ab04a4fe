import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./app/base.css";
import "./app/pictures.css";
import { ApiError } from "./api/client.ts";
import { SessionProvider } from "./app/session.tsx";
import { createAppRouter } from "./app/router.tsx";

function triesAgain({ status }: ApiError): number {
  if (status === 429) return 5;
  // A question that crossed a step-up went out with the cookie before.
  if (status === 401) return 1;
  return status === 0 || status >= 500 ? 2 : 0;
}

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    // The session is over, whoever ended it: nothing of it stays on the screen.
    onError(error, { queryKey: [name] }) {
      if (error instanceof ApiError && error.status === 401 && name !== "session")
        void queries.invalidateQueries({ queryKey: ["session"] });
    },
  }),
  defaultOptions: {
    // Without a network a question fails at once and says so, instead of waiting silently for one.
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always",
      // A refusal is an answer; only what may pass by itself is tried again.
      retry: (count, error) => error instanceof ApiError && count < triesAgain(error),
      retryDelay: (count, error) =>
        1000 * ((error instanceof ApiError ? error.retryAfter : undefined) ?? Math.min(2 ** count, 10)),
      staleTime: 5_000,
    },
  },
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <SessionProvider>
        <RouterProvider router={createAppRouter()} />
      </SessionProvider>
    </QueryClientProvider>
  </StrictMode>,
);
