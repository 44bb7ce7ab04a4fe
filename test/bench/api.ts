/** Requests to the API beside the load. */
import { randomUUID } from "node:crypto";
import { request as requestPlain } from "node:http";
import { type Agent, request } from "node:https";
import { join } from "node:path";
import type { RunningHost } from "./host.ts";

/** @param agent whose connections it uses; default: one of its own @throws for any answer but 200 */
export const apiGet = <T>(host: RunningHost, path: string, agent?: Agent): Promise<T> =>
  api(host, "GET", path, undefined, agent);

/** @throws for any answer but 200 and 201 */
export const apiPost = <T>(host: RunningHost, path: string, body: object): Promise<T> => api(host, "POST", path, body);

function api<T>(
  { profile }: RunningHost,
  method: string,
  path: string,
  body?: object,
  agent: Agent | false = false,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${profile.token}`,
      ...(body !== undefined && { "content-type": "application/json", "idempotency-key": randomUUID() }),
    };
    request(new URL(`/api/v1${path}`, profile.url), { method, ca: profile.ca, headers, agent }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (more: string) => (text += more));
      answer.on("end", () => {
        if (answer.statusCode === 200 || answer.statusCode === 201) resolve(JSON.parse(text) as T);
        else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`));
      });
    })
      .on("error", reject)
      .end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** A token that may issue, of a tenant of its own; over the socket of the host's administrator. */
export function tenantToken({ dataDirectory }: RunningHost, tenant: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socketPath = join(dataDirectory, "run", "admin.sock");
    const headers = { host: "localhost", "content-type": "application/json" };
    const options = { socketPath, method: "POST", path: "/admin/tokens", headers, agent: false };
    requestPlain(options, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (more: string) => (text += more));
      answer.on("end", () => {
        if (answer.statusCode === 201) resolve((JSON.parse(text) as { token: string }).token);
        else reject(new Error(`POST /admin/tokens: ${answer.statusCode} ${text.slice(0, 300)}`));
      });
    })
      .on("error", reject)
      .end(JSON.stringify({ tenant, scopes: ["*"] }));
  });
}

/** What the revocation listener serves. @throws for any answer but 200 */
export function plainGet(url: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    requestPlain(url, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () => {
        if (answer.statusCode === 200) resolve(Buffer.concat(parts));
        else reject(new Error(`GET ${url}: ${answer.statusCode}`));
      });
    })
      .on("error", reject)
      .end();
  });
}
