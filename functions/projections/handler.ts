import { table } from "../lambda/parts/table.ts";
import { wakeLambda } from "../lambda/wakes.ts";
import { createProjections } from "./app.ts";

export const handler = wakeLambda({ name: "projections", parts: [table], create: createProjections });
