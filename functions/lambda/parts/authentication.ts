/** API tokens, by `table` and `directory`. */
import { bearerAuthentication } from "#shared/http/bearer";
import { authenticateToken } from "#shared/usecases/tokens";
import type { Part } from "../deps.ts";

export const authentication: Part = (_, deps) => ({
  authenticate: bearerAuthentication((token) => authenticateToken(deps, token)),
});
