import { blob } from "../lambda/parts/blob.ts";
import { settings } from "../lambda/parts/settings.ts";
import { signer } from "../lambda/parts/signer.ts";
import { table } from "../lambda/parts/table.ts";
import { wakeLambda } from "../lambda/wakes.ts";
import { createOutbox } from "./app.ts";

export const handler = wakeLambda({
  name: "outbox",
  parts: [table, blob, signer, settings],
  create: createOutbox,
});
