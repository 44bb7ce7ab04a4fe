import { httpLambda } from "../lambda/http.ts";
import { directory } from "../lambda/parts/directory.ts";
import { secret } from "../lambda/parts/secret.ts";
import { settings } from "../lambda/parts/settings.ts";
import { table } from "../lambda/parts/table.ts";
import { createSignIn } from "./app.ts";

export const handler = httpLambda({
  name: "sign-in",
  parts: [table, directory, settings, secret],
  create: createSignIn,
});
