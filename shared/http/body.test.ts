import { describe, expect, test } from "vitest";
import { readBody, readJson } from "./body.ts";

const post = (body: string | Uint8Array | ReadableStream | null, headers: Record<string, string> = {}): Request =>
  new Request("http://x/", {
    method: "POST",
    body: body as never,
    headers: { "content-type": "application/json", ...headers },
    duplex: "half",
  } as RequestInit);
const failing = (code: string) => expect.objectContaining({ code }) as Error;

describe("a body", () => {
  test("up to its limit, to the byte", async () => {
    expect(await readBody(post(new Uint8Array(10)), 10)).toHaveLength(10);
    await expect(readBody(post(new Uint8Array(11)), 10)).rejects.toEqual(failing("too_large"));
    await expect(readBody(post("x", { "content-length": "11" }), 10)).rejects.toEqual(failing("too_large"));
  });

  test("that does not say its length is cut off where it is too long", async () => {
    let pulled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(1000));
      },
    });
    await expect(readBody(post(endless), 10_000)).rejects.toEqual(failing("too_large"));
    expect(pulled).toBeLessThan(20);
  });
});

describe("JSON", () => {
  test("one object; nothing at all is an empty one", async () => {
    expect(await readJson(post('{"a":[1]}'), 100)).toEqual({ a: [1] });
    expect(await readJson(post('{"a":1}', { "content-type": "Application/JSON; charset=utf-8" }), 100)).toEqual({
      a: 1,
    });
    expect(await readJson(post(null), 100)).toEqual({});
  });

  test.each(["{", '{"a":1}{"b":2}', "[]", "null", "7", '"x"', "nonsense", "\ufeff"])(
    "%j is malformed",
    async (text) => {
      await expect(readJson(post(text), 100)).rejects.toEqual(failing("malformed"));
    },
  );

  test("bytes that are no UTF-8 are malformed", async () => {
    await expect(readJson(post(Uint8Array.of(0x22, 0xff, 0x22)), 100)).rejects.toEqual(failing("malformed"));
  });

  test("what is nested too deeply is malformed, however deep", async () => {
    for (const depth of [40, 100_000]) {
      const text = `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;
      await expect(readJson(post(text), 1_000_000)).rejects.toEqual(failing("malformed"));
    }
  });

  test("another media type is refused", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
      await expect(readJson(post("{}", { "content-type": type }), 100)).rejects.toEqual(
        failing("not_acceptable_media"),
      );
  });
});
