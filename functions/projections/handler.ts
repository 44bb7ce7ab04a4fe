import { blob } from "../lambda/parts/blob.ts";
import { publicObjects } from "../lambda/parts/public.ts";
import { table } from "../lambda/parts/table.ts";
import { wakeLambda } from "../lambda/wakes.ts";
import { createProjections } from "./app.ts";

export const handler = wakeLambda({
  name: "projections",
  parts: [table, blob, publicObjects],
  create: (deps) => createProjections(deps, deps.publicObjects),
});
