import { httpLambda } from "../lambda/http.ts";
import { directory } from "../lambda/parts/directory.ts";
import { identityProviders } from "../lambda/parts/identity-providers.ts";
import { network } from "../lambda/parts/network.ts";
import { secret } from "../lambda/parts/secret.ts";
import { settings } from "../lambda/parts/settings.ts";
import { table } from "../lambda/parts/table.ts";
import { createSignIn } from "./app.ts";

export const handler = httpLambda({
  name: "sign-in",
  parts: [table, directory, network, settings, secret, identityProviders],
  create(deps) {
    const app = createSignIn(deps);
    return {
      async fetch(request, peer) {
        await deps.renewSignIn();
        return app.fetch(request, peer);
      },
    };
  },
});
