/** The operations of a house as the CLI calls them, without a listener in between. */
import type { Api } from "#cli/api-client";
import type { FunctionDeps } from "#functions/function";
import { handlerOf } from "#functions/api/handlers/registry";
import { operations } from "#shared/contracts/operations";
import { adminCall } from "./house.ts";

export const directApi =
  (deps: FunctionDeps, tenant: string): Api =>
  async ({ method, path, query = {}, body = {} }) => {
    const operation = operations.find((one) => one.method === method && one.path === path);
    if (operation === undefined) throw new TypeError(`there is no ${method} ${path}`);
    const served = {
      deps,
      call: adminCall(tenant),
      params: {},
      query: operation.query?.parse(query) ?? {},
      body: operation.body?.parse(body) ?? {},
    };
    const answer = await (await handlerOf(operation.id)).run(served);
    return operation.response?.parse(answer.body);
  };
