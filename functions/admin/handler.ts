/** Who may invoke this function is the operator's IAM policy; no API leads here. */
import { type AdminAnswer, adminRequest } from "#shared/contracts/admin";
import { createPool } from "#shared/http/pool";
import { problemResponse } from "#shared/http/problem";
import { traceOf } from "#shared/http/trace";
import { validate } from "#shared/http/validate";
import { openDeps } from "../lambda/deps.ts";
import { directory } from "../lambda/parts/directory.ts";
import { settings } from "../lambda/parts/settings.ts";
import { signer } from "../lambda/parts/signer.ts";
import { table } from "../lambda/parts/table.ts";
import { lambda } from "../lambda/shell.ts";
import { createAdminApp } from "./app.ts";

export const handler = lambda<unknown, AdminAnswer>("admin", async (shell) => {
  const deps = await openDeps(shell, [table, directory, signer, settings]);
  const app = createAdminApp({ ...deps, pool: createPool(1) });
  return async (event) => {
    const response = await respond(event);
    return { status: response.status, body: await response.text() };
  };

  async function respond(event: unknown): Promise<Response> {
    try {
      const { method, path, body } = validate(adminRequest, event);
      return await app.fetch(
        new Request(`http://localhost${path}`, {
          method,
          ...(body !== undefined && {
            headers: { "content-type": "application/json" },
            body: JSON.stringify(body),
          }),
        }),
      );
    } catch (error) {
      return problemResponse(error, traceOf(null).id);
    }
  }
});
