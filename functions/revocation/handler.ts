import { httpLambda } from "../lambda/http.ts";
import { blob } from "../lambda/parts/blob.ts";
import { directory } from "../lambda/parts/directory.ts";
import { publicObjects } from "../lambda/parts/public.ts";
import { settings } from "../lambda/parts/settings.ts";
import { signer } from "../lambda/parts/signer.ts";
import { table } from "../lambda/parts/table.ts";
import { createRevocationApp } from "./app.ts";

export const handler = httpLambda({
  name: "revocation",
  parts: [table, directory, blob, publicObjects, signer, settings],
  known: (deps) => deps.revocationBaseUrl ?? deps.publicUrl,
  create: (deps) => createRevocationApp(deps, deps.publicObjects),
});
