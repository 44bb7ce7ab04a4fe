import { httpLambda } from "../lambda/http.ts";
import { directory } from "../lambda/parts/directory.ts";
import { secret } from "../lambda/parts/secret.ts";
import { settings } from "../lambda/parts/settings.ts";
import { signer } from "../lambda/parts/signer.ts";
import { table } from "../lambda/parts/table.ts";
import { createAcmeServer } from "./app.ts";

export const handler = httpLambda({
  name: "acme",
  parts: [table, directory, signer, settings, secret],
  create: createAcmeServer,
});
