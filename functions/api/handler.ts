import { httpLambda } from "../lambda/http.ts";
import { authentication } from "../lambda/parts/authentication.ts";
import { blob } from "../lambda/parts/blob.ts";
import { directory } from "../lambda/parts/directory.ts";
import { readiness } from "../lambda/parts/readiness.ts";
import { secret } from "../lambda/parts/secret.ts";
import { settings } from "../lambda/parts/settings.ts";
import { signer } from "../lambda/parts/signer.ts";
import { table } from "../lambda/parts/table.ts";
import { createApi } from "./app.ts";

export const handler = httpLambda({
  name: "api",
  parts: [table, directory, blob, signer, settings, secret, authentication, readiness],
  create: (deps) => createApi(deps),
});
