import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { pages } from "../pages/registry.ts";
import { Problem } from "../parts/problem.tsx";
import { NotFound, Shell } from "./shell.tsx";

/** Texts as they are: a serial number that looks like a number stays what was typed. */
const parseSearch = (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text));

function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(search).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}

export function createAppRouter() {
  const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: Problem });
  const routes = pages.map(({ path, load }) =>
    createRoute({
      getParentRoute: () => root,
      path,
      component: lazyRouteComponent(load),
      // Filters and sorts stand in the URL; each page reads its own.
      validateSearch: (search) => search,
    }),
  );
  return createRouter({
    routeTree: root.addChildren(routes),
    defaultPreload: "intent",
    scrollRestoration: true,
    parseSearch,
    stringifySearch,
  });
}
