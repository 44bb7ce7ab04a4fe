import { Hono } from "hono";
import { expect, test } from "vitest";
import { knownMethodsOnly } from "./known-methods.ts";
import { problemResponse } from "./problem.ts";

const app = new Hono();
app.all("*", (c) => c.text(c.req.method));
const guarded = knownMethodsOnly(app, (failure) => problemResponse(failure, "0"));
const statusOf = async (method: string): Promise<number> =>
  (await guarded.fetch(new Request("http://x/a", { method }))).status;

test.each(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])("%s is routed", async (method) => {
  expect(await statusOf(method)).toBe(200);
});

test.each(["__proto__", "constructor", "toString", "hasOwnProperty", "PROPFIND", "ALL", "get "])(
  "%s does not get to the router, and nothing is written into what all objects inherit",
  async (method) => {
    const request = { method, url: "http://x/a", headers: new Headers() } as Request;
    expect((await guarded.fetch(request)).status).toBe(405);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect("params" in {}).toBe(false);
    expect("params" in Object).toBe(false);
  },
);
