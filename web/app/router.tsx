import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { pages } from "../pages/registry.ts";
import { Problem } from "../parts/problem.tsx";
import { NotFound, Shell } from "./shell.tsx";

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
  return createRouter({ routeTree: root.addChildren(routes), defaultPreload: "intent", scrollRestoration: true });
}
