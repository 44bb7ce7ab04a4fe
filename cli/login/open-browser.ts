/** Opens a page in the person's browser. It may fail: the URL is in the terminal in any case. */
import { spawn } from "node:child_process";
import type { Environment } from "#shared/kernel/config";
import { setting } from "../places.ts";

/** By `process.platform`; what is not here is taken for a desktop of freedesktop.org. */
const openers: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** @returns false when there is none to start */
export function openBrowser(url: string, environment: Environment): Promise<boolean> {
  const own = setting(environment, "BROWSER");
  const [program, ...words] = own === undefined ? (openers[process.platform] ?? ["xdg-open"]) : ([own] as const);
  return new Promise((resolve) => {
    // No shell: the URL is one word, whatever is in it.
    const child = spawn(program, [...words, url], { detached: true, stdio: "ignore" });
    child.on("error", () => resolve(false));
    child.on("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
