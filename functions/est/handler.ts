import { httpLambda } from "../lambda/http.ts";
import { authentication } from "../lambda/parts/authentication.ts";
import { directory } from "../lambda/parts/directory.ts";
import { secret } from "../lambda/parts/secret.ts";
import { settings } from "../lambda/parts/settings.ts";
import { signer } from "../lambda/parts/signer.ts";
import { table } from "../lambda/parts/table.ts";
import { createEst } from "./app.ts";

export const handler = httpLambda({
  name: "est",
  parts: [table, directory, signer, settings, secret, authentication],
  create: createEst,
});
