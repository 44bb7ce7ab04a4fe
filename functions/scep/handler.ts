import { httpLambda } from "../lambda/http.ts";
import { blob } from "../lambda/parts/blob.ts";
import { directory } from "../lambda/parts/directory.ts";
import { secret } from "../lambda/parts/secret.ts";
import { settings } from "../lambda/parts/settings.ts";
import { signer } from "../lambda/parts/signer.ts";
import { table } from "../lambda/parts/table.ts";
import { createScep } from "./app.ts";

export const handler = httpLambda({
  name: "scep",
  parts: [table, directory, blob, signer, settings, secret],
  create: createScep,
});
