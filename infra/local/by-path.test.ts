import { expect, test } from "vitest";
import type { Listener } from "#functions/function";
import { behindListener, type Loaded, whenAsked } from "./by-path.ts";

const peer = { address: "127.0.0.1", certificate: undefined };

const entry = (name: string, listeners: readonly Listener[], paths: readonly string[]): Loaded => {
  const answers = { fetch: () => new Response(name) };
  return [{ listeners, paths }, answers];
};

const loaded = [
  entry("api", ["api"], ["/"]),
  entry("est", ["api", "mtls"], ["/.well-known/est/"]),
  entry("acme", ["api"], ["/acme/", "/directory"]),
];

test.each([
  ["api", "https://h/", "api"],
  ["api", "https://h", "api"],
  ["api", "https://h?x=/acme/", "api"],
  ["api", "https://h/acme/a/directory", "acme"],
  ["api", "https://h/acme", "api"],
  ["api", "https://h/directory", "acme"],
  ["api", "https://h/.well-known/est/cacerts?x", "est"],
  ["api", "https://h/x/acme/", "api"],
  ["mtls", "https://h/.well-known/est/cacerts", "est"],
] as const)("on %s %s is answered by %s", async (listener, url, name) => {
  const answer = await behindListener(listener, loaded).fetch(new Request(url), peer);
  expect(await answer.text()).toBe(name);
});

test("what no function of the listener serves is not there", async () => {
  for (const path of ["/", "/acme/a/directory", "/api/v1/owners"])
    expect((await behindListener("mtls", loaded).fetch(new Request(`https://h${path}`), peer)).status).toBe(404);
});

test("what is loaded when asked for is loaded once, and again after a failure", async () => {
  let loads = 0;
  const answers = whenAsked(async () => {
    if (++loads === 1) throw new Error("not this time");
    return { fetch: () => new Response("here") };
  });
  const ask = async () => (await answers.fetch(new Request("https://h/"), peer)).text();
  await expect(ask()).rejects.toThrow("not this time");
  expect(await Promise.all([ask(), ask()])).toEqual(["here", "here"]);
  expect(loads).toBe(2);
});
