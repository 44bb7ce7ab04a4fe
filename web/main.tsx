import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./app/base.css";
import "./app/pictures.css";
import { ApiError } from "./api/client.ts";
import { SessionProvider } from "./app/session.tsx";
import { createAppRouter } from "./app/router.tsx";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal is an answer; only what may pass by itself is tried again.
      retry: (count, error) => count < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
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
