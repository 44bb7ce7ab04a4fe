/** Reads from the API beside the load. */
import { request } from "node:https";
import type { RunningHost } from "./host.ts";

/** @throws for any answer but 200 */
export function apiGet<T>({ profile }: RunningHost, path: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const options = { ca: profile.ca, headers: { authorization: `Bearer ${profile.token}` }, agent: false };
    request(new URL(`/api/v1${path}`, profile.url), options, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (more: string) => (text += more));
      answer.on("end", () => {
        if (answer.statusCode === 200) resolve(JSON.parse(text) as T);
        else reject(new Error(`GET ${path}: ${answer.statusCode} ${text.slice(0, 300)}`));
      });
    })
      .on("error", reject)
      .end();
  });
}
