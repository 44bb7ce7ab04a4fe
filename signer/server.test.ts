/** The signer's socket as a stranger sees it, and the client when the signer is not there. */
import { once } from "node:events";
import { statSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256Hex } from "#shared/crypto/hash";
import { sameBytes } from "#shared/kernel/bytes";
import { type Chain, makeChain, openWorkshop, request, spec, type Workshop } from "#test/signer/workshop";
import { encodeFrame, readFrames } from "./client/frames.ts";
import { connectSigner, type SignerClient } from "./client/signer-client.ts";
import { serveSigner } from "./server.ts";

let workshop: Workshop;
let chain: Chain;
let socketPath: string;
let server: Server;
let client: SignerClient;

beforeAll(async () => {
  workshop = await openWorkshop();
  chain = await makeChain(workshop);
  socketPath = join(workshop.directory, "s");
  server = await serveSigner(workshop.service, socketPath);
  client = connectSigner(socketPath);
});
afterAll(async () => {
  client.close();
  await closeServer(server);
  await workshop[Symbol.asyncDispose]();
});

async function closeServer(one: Server): Promise<void> {
  one.close();
  await once(one, "close");
}

async function raw(): Promise<Socket> {
  const socket = connect(socketPath);
  await once(socket, "connect");
  socket.on("error", () => undefined);
  return socket;
}

const framed = (header: string, payload: Uint8Array = new Uint8Array(0)): Buffer => {
  const json = Buffer.from(header);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(4 + json.length + payload.length, 0);
  head.writeUInt32BE(json.length, 4);
  return Buffer.concat([head, json, payload]);
};

/** Sends one frame and waits for its answer, or for the end of the connection. */
async function exchange(bytes: Uint8Array): Promise<Readonly<Record<string, unknown>> | "cut off"> {
  const socket = await raw();
  try {
    return await new Promise((resolve) => {
      readFrames(socket, ({ header }) => resolve(header));
      socket.on("close", () => resolve("cut off"));
      socket.write(bytes);
    });
  } finally {
    socket.destroy();
  }
}

describe("the methods over the socket", () => {
  test("answer as the service does", async () => {
    await client.health();
    const made = await client.generateKey(spec({ handle: "wired", purpose: "issuing-ca" }));
    expect(made).toEqual(await workshop.service.generateKey(spec({ handle: "wired", purpose: "issuing-ca" })));
    const leaf = chain.leafTbs();
    const first = await client.sign(request("certificate", "ca", leaf, { opId: "wire", requestHash: "aa" }));
    expect(sameBytes(first.tbs, leaf)).toBe(true);
    const again = await client.sign(request("certificate", "ca", chain.leafTbs(), { opId: "wire", requestHash: "aa" }));
    expect(sameBytes(again.tbs, leaf)).toBe(true);
    expect(sameBytes(again.signature, first.signature)).toBe(true);
    const records = await client.journal("acme", 0, 1000);
    expect(records.find(({ opId, op }) => opId === "wire" && op === "sign")).toBeDefined();
    await expect(client.sign(request("certificate", "nobody", leaf))).rejects.toMatchObject({ code: "guard_refused" });
  });

  test("hundreds at once are answered to whom they belong", async () => {
    const tbs = Array.from({ length: 300 }, () => chain.leafTbs());
    const signed = await Promise.all(tbs.map((bytes) => client.sign(request("certificate", "ca", bytes))));
    expect(signed.every((one, at) => sameBytes(one.tbs, tbs[at] as Uint8Array))).toBe(true);
    expect(new Set(signed.map(({ signature }) => sha256Hex(signature))).size).toBe(300);
  });

  test("the socket belongs to its owner alone", () => {
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
  });
});

describe("a stranger", () => {
  test.each(["sgin", "__proto__", "constructor", "flush", "toString", "", 7, null, ["sign"], {}])(
    "calls method %j: there is no such",
    async (method) => {
      expect(await exchange(encodeFrame({ id: 1, method }))).toMatchObject({ id: 1, ok: false, code: "malformed" });
    },
  );

  test.each([
    { method: "sign" },
    { method: "sign", opId: "x", tenant: "acme", handle: "ca", type: "certificate", profile: "-" },
    { method: "sign", opId: {}, tenant: "acme", handle: "ca", type: "certificate", profile: "-", requestHash: "a" },
    { method: "sign", opId: "x".repeat(301), tenant: "a", handle: "ca", type: "crl", profile: "-", requestHash: "a" },
    { method: "journal", tenant: "acme", after: "0", limit: 1 },
    { method: "journal", tenant: 1, after: 0, limit: 1 },
    { method: "journal", tenant: "acme", after: 0.5, limit: 1 },
  ])("sends fields that are wrong: $method", async (fields) => {
    expect(await exchange(encodeFrame({ id: 2, ...fields }))).toMatchObject({ id: 2, ok: false, code: "malformed" });
  });

  test.each([
    undefined,
    null,
    1,
    "x",
    [],
    {},
    { tenant: "acme", handle: "x" },
    { tenant: "acme", handle: "x", algorithm: "P-256", purpose: "issuing-ca" },
    { tenant: "acme", handle: "x", algorithm: "P-256", purpose: "issuing-ca", limits: null },
    { tenant: "acme", handle: "x", algorithm: "P-256", purpose: "issuing-ca", limits: [] },
    { tenant: ["acme"], handle: ["x"], algorithm: ["P-256"], purpose: ["issuing-ca"], limits: {} },
    {
      tenant: "acme",
      handle: "x",
      algorithm: "P-256",
      purpose: "issuing-ca",
      limits: { permittedDns: "example.test" },
    },
    { tenant: "acme", handle: "x", algorithm: "P-256", purpose: "issuing-ca", limits: { permittedDns: [1] } },
    { tenant: "acme", handle: "x", algorithm: "P-256", purpose: "issuing-ca", limits: { ratePerSecond: "many" } },
    { tenant: "acme", handle: "x", algorithm: "P-256", purpose: "issuing-ca", limits: { ratePerSecond: -1 } },
    { tenant: "acme", handle: "x", algorithm: "P-256", purpose: "issuing-ca", limits: { maxLeafSeconds: null } },
    { tenant: "acme", handle: "x", algorithm: "P-256", purpose: "issuing-ca", limits: { maxLeafSecond: 60 } },
    { tenant: "acme", handle: "x", algorithm: "P-256", purpose: "ocsp", limits: { issuerHandle: { a: 1 } } },
  ])("asks for a key by a spec that is none: %j", async (wanted) => {
    const before = workshop.entries().filter(({ op }) => op === "generate").length;
    expect(await exchange(encodeFrame({ id: 3, method: "generateKey", spec: wanted }))).toMatchObject({
      ok: false,
      code: "guard_refused",
    });
    expect(workshop.entries().filter(({ op }) => op === "generate")).toHaveLength(before);
  });

  test.each(["opId", "tenant", "handle", "profile", "requestHash"])(
    "sends a %s that is no word of visible ASCII: it is refused, and the journal says so in visible ASCII",
    async (name) => {
      const before = workshop.entries().length;
      const texts = ["", " ", "a b", "a\u2028b", "a\u0085b", "é", "a\n", "\u007f", "x".repeat(301)];
      const whole = {
        method: "sign",
        opId: "a",
        tenant: "acme",
        handle: "ca",
        type: "crl",
        profile: "-",
        requestHash: "a",
      };
      for (const text of texts)
        expect(await exchange(encodeFrame({ id: 4, ...whole, [name]: text }))).toMatchObject({ code: "malformed" });
      const written = workshop.entries().slice(before);
      expect(written).toHaveLength(texts.length);
      for (const { op, tenant, handle, opId } of written) {
        expect(op).toBe("refuse");
        for (const word of [tenant, handle, opId]) expect(word).toMatch(/^[!-~]{1,99}[!-~…]?$/);
      }
    },
  );

  test("sends more than one journal record can show: it is refused", async () => {
    const attempt = request("crl", "ca", new Uint8Array(8 * 1024 * 1024 + 1));
    await expect(client.sign(attempt)).rejects.toMatchObject({ code: "too_large" });
  });

  test("sends a frame that is too long, or whose lengths contradict each other: it is cut off", async () => {
    const lengths = (length: number, header: number): Buffer => {
      const head = Buffer.alloc(8);
      head.writeUInt32BE(length, 0);
      head.writeUInt32BE(header, 4);
      return head;
    };
    for (const bytes of [
      lengths(16 * 1024 * 1024 + 1, 10),
      lengths(0xffffffff, 10),
      lengths(3, 0),
      lengths(0, 0),
      lengths(20, 17),
      lengths(20, 0xffffffff),
    ])
      expect(await exchange(bytes)).toBe("cut off");
    for (const header of ["", "{", "undefined", '{"id":1}x', "\u0000"])
      expect(await exchange(framed(header))).toBe("cut off");
    await client.health();
  });

  test("sends a header that is no object: it is cut off", async () => {
    for (const header of ["null", "7", '"text"', "true", "[]", "[1]"])
      expect(await exchange(framed(header))).toBe("cut off");
    await client.health();
  });

  test("sends an id that cannot be said again: it is cut off", async () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    for (const id of [deep, `{"a":${deep}}`, "null", '"x"', "1.5", "-1", "1e400"])
      expect(await exchange(framed(`{"id":${id},"method":"health"}`))).toBe("cut off");
    await client.health();
  });

  test("sends a frame byte by byte: it is answered once", async () => {
    const socket = await raw();
    const answers: unknown[] = [];
    readFrames(socket, ({ header }) => void answers.push(header));
    for (const byte of encodeFrame({ id: 9, method: "health" })) socket.write(Uint8Array.of(byte));
    await new Promise((resolve) => {
      readFrames(socket, resolve);
    });
    expect(answers).toMatchObject([{ id: 9, ok: true }]);
    socket.destroy();
  });

  test("sends anything at all: the signer goes on", { timeout: 60_000 }, async () => {
    const header = fc.oneof(
      fc.json(),
      fc
        .record({
          id: fc.oneof(fc.nat(), fc.jsonValue()),
          method: fc.oneof(fc.constantFrom("sign", "generateKey", "journal", "health"), fc.string()),
          spec: fc.jsonValue(),
          tenant: fc.oneof(fc.constant("acme"), fc.jsonValue()),
          handle: fc.oneof(fc.constantFrom("ca", "root", "ocsp"), fc.string()),
          type: fc.constantFrom("certificate", "crl", "ocsp", "key"),
          opId: fc.string(),
          profile: fc.string(),
          requestHash: fc.string(),
          after: fc.integer(),
          limit: fc.integer(),
        })
        .map((value) => JSON.stringify(value)),
    );
    const frame = fc.tuple(header, fc.uint8Array({ maxLength: 60 })).map(([text, payload]) => framed(text, payload));
    const noise = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 4, arbitrary: frame }, noise), { maxLength: 6 }),
        async (messages) => {
          const socket = await raw();
          socket.resume();
          socket.end(Buffer.concat(messages));
          await once(socket, "close");
          await client.health();
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("the client", () => {
  test("says that the signer is down, and comes back by itself when it is there again", async () => {
    const path = join(workshop.directory, "later");
    const own = connectSigner(path);
    const gone = { code: "unavailable", retryAfter: 1 };
    await expect(own.health()).rejects.toMatchObject(gone);
    for (let round = 0; round < 3; round++) {
      const started = await serveSigner(workshop.service, path);
      await own.health();
      const leaf = chain.leafTbs();
      expect(sameBytes((await own.sign(request("certificate", "ca", leaf))).tbs, leaf)).toBe(true);
      const ended = closeServer(started);
      own.close(); // lets the server's last connection go
      await ended;
      await expect(own.health()).rejects.toMatchObject(gone);
    }
    own.close();
  });

  test("fails what was in flight when the connection went, once", async () => {
    const path = join(workshop.directory, "mute");
    const sockets: Socket[] = [];
    const mute = createServer((socket) => void sockets.push(socket));
    mute.listen(path);
    await once(mute, "listening");
    const own = connectSigner(path);
    const calls = [own.health(), own.sign(request("certificate", "ca", chain.leafTbs())), own.journal("acme", 0, 1)];
    const settled = Promise.allSettled(calls);
    await once(mute, "connection");
    sockets[0]?.destroy();
    expect((await settled).map((one) => one.status === "rejected" && (one.reason as { code: string }).code)).toEqual([
      "unavailable",
      "unavailable",
      "unavailable",
    ]);
    own.close();
    for (const socket of sockets) socket.destroy();
    await closeServer(mute);
  });

  test("the end of an old connection takes nothing from the calls on the new one", async () => {
    const path = join(workshop.directory, "two");
    const sockets: Socket[] = [];
    const answering = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.push(socket);
      socket.on("error", () => undefined);
      // The first connection breaks the framing and stays; the others answer.
      if (sockets.length === 1) socket.on("data", () => void socket.write(framed("{")));
      else readFrames(socket, ({ header }) => socket.write(encodeFrame({ id: header["id"], ok: true })));
    });
    answering.listen(path);
    await once(answering, "listening");
    const own = connectSigner(path);
    let calls: Promise<void>[] = [];
    await own.health().catch(() => {
      // Here the old socket has failed and not yet closed.
      calls = [own.health(), own.health()];
    });
    expect(calls).toHaveLength(2);
    expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    own.close();
    for (const socket of sockets) socket.destroy();
    await closeServer(answering);
  });

  test.each([
    { what: "noise", bytes: Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n") },
    { what: "a header that is no object", bytes: framed("null") },
    { what: "an answer to nothing", bytes: Buffer.concat([framed('{"id":77,"ok":true}'), framed("{")]) },
  ])("survives a peer that answers with $what", async ({ bytes }) => {
    const path = join(workshop.directory, `odd-${bytes.length}`);
    const odd = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", () => void socket.end(bytes));
    });
    odd.listen(path);
    await once(odd, "listening");
    const own = connectSigner(path);
    await expect(own.health()).rejects.toMatchObject({ code: "unavailable" });
    own.close();
    await closeServer(odd);
  });

  test("an unknown failure code becomes internal", async () => {
    const path = join(workshop.directory, "codes");
    const odd = createServer((socket) =>
      readFrames(socket, ({ header }) => socket.write(encodeFrame({ id: header["id"], ok: false, code: "toString" }))),
    );
    odd.listen(path);
    await once(odd, "listening");
    const own = connectSigner(path);
    await expect(own.health()).rejects.toMatchObject({ code: "internal", message: "the signer failed" });
    own.close();
    await closeServer(odd);
  });
});
