/** Egress (I11) as attacks: against servers on loopback, which only a list and an opt-in open. */
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { GetOptions } from "#shared/ports/egress";
import { type DnsServer, startDnsServer } from "#test/dns/server";
import { directEgress } from "./egress.ts";
import { systemResolver } from "./resolver.ts";

const loopback = ["127.0.0.0/8", "::1/128"];
const servers: (Server | TcpServer)[] = [];
let dns: DnsServer;
beforeAll(async () => {
  dns = await startDnsServer();
});
afterAll(() => dns.stop());
afterEach(async () => {
  for (const server of servers.splice(0)) {
    if ("closeAllConnections" in server) server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});

const portOf = (server: Server | TcpServer): number => (server.address() as AddressInfo).port;

async function listen<S extends Server | TcpServer>(server: S, host = "127.0.0.1", port = 0): Promise<S> {
  server.listen(port, host);
  await once(server, "listening");
  servers.push(server);
  return server;
}
const http = async (listener: RequestListener): Promise<number> => portOf(await listen(createServer(listener)));

async function tcp(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = await listen(
    createTcpServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      onConnection(socket);
    }),
  );
  server.on("close", () => undefined);
  const { close } = server;
  server.close = (done) => {
    for (const socket of sockets) socket.destroy();
    return close.call(server, done);
  };
  return portOf(server);
}

const egressWith = (cidrs: readonly string[], maxConcurrent = 16) =>
  directEgress({ resolver: systemResolver({ servers: [dns.address] }), cidrs, maxConcurrent });

const optionsFor = (...ports: readonly number[]): GetOptions => ({
  ports: { http: ports, https: ports },
  privateNetworks: true,
  timeoutMs: 5_000,
  maxBytes: 1_000,
  maxRedirects: 10,
  anyCertificate: false,
});

describe("an answer", () => {
  it("comes with status, body, address and the URL that it came from; the server sees the name", async () => {
    dns.set("www.test", "A", "127.0.0.1");
    const port = await http((request, response) => response.end(`${request.headers.host} ${request.url}`));
    const answer = await egressWith(loopback).get(`http://www.test:${port}/a?b=c`, optionsFor(port));
    expect(answer).toEqual({
      reached: true,
      status: 200,
      address: "127.0.0.1",
      url: `http://www.test:${port}/a?b=c`,
      body: new TextEncoder().encode(`www.test:${port} /a?b=c`),
    });
  });

  it("comes from the second address when the first does not answer", async () => {
    dns.set("two.test", "AAAA", "::1");
    dns.set("two.test", "A", "127.0.0.1");
    const port = await http((_request, response) => response.end("v4"));
    expect(await egressWith(loopback).get(`http://two.test:${port}/`, optionsFor(port))).toMatchObject({
      reached: true,
      address: "127.0.0.1",
    });
  });
});

describe("nothing is sent to", () => {
  const refusedUrls = [
    "http://127.0.0.1:PORT/",
    "http://127.1:PORT/",
    "http://2130706433:PORT/",
    "http://0x7f000001:PORT/",
    "http://0177.0.0.1:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::1]:PORT/",
    "http://0.0.0.0:PORT/",
    "http://169.254.169.254:PORT/latest/meta-data/",
    "http://[fd00:ec2::254]:PORT/",
    "http://inside.test:PORT/",
    "http://mapped.test:PORT/",
  ];
  it.each(refusedUrls)("%s without a list, nor without an opt-in", async (pattern) => {
    let requests = 0;
    const port = await http((_request, response) => response.end(String(requests++)));
    dns.set("inside.test", "A", "127.0.0.1");
    dns.set("mapped.test", "AAAA", "::ffff:7f00:1");
    const url = pattern.replace("PORT", String(port));
    expect(await egressWith([]).get(url, optionsFor(port))).toMatchObject({ reached: false, why: "refused" });
    expect(await egressWith(loopback).get(url, { ...optionsFor(port), privateNetworks: false })).toMatchObject({
      reached: false,
      why: "refused",
    });
    expect(requests).toBe(0);
  });

  it("metadata, however wide the list is", async () => {
    dns.set("metadata.test", "A", "169.254.169.254");
    for (const host of ["metadata.test", "169.254.169.254", "[::ffff:a9fe:a9fe]", "[fe80::1]"])
      expect(await egressWith(["0.0.0.0/0", "::/0"]).get(`http://${host}/`, optionsFor(80)), host).toMatchObject({
        reached: false,
        why: "refused",
        detail: expect.stringContaining("never reached"),
      });
  });

  it("another port, another scheme, or a URL with a password", async () => {
    const port = await http((_request, response) => response.end());
    const get = (url: string) => egressWith(loopback).get(url, optionsFor(port));
    for (const url of [
      `http://127.0.0.1:${port + 1}/`,
      "http://127.0.0.1/",
      "ftp://127.0.0.1/",
      "file:///etc/passwd",
      "gopher://127.0.0.1/",
      `http://a:b@127.0.0.1:${port}/`,
      `http://www.0x7f:${port}/`,
      "no URL",
    ])
      expect(await get(url), url).toMatchObject({ reached: false, why: "refused" });
  });
});

describe("DNS rebinding", () => {
  it("the address that was judged is the one that is connected to: no second look-up", async () => {
    let requests = 0;
    const port = await http((_request, response) => response.end(String(requests++)));
    // Public for the first question, loopback from then on.
    dns.sequence("rebind.test", "A", ["192.0.2.1"], ["127.0.0.1"]);
    const before = dns.asked.length;
    const answer = await egressWith([...loopback, "192.0.2.0/24"]).get(`http://rebind.test:${port}/`, {
      ...optionsFor(port),
      timeoutMs: 300,
    });
    expect(answer).toMatchObject({ reached: false, why: "connection" });
    expect(requests).toBe(0);
    expect(dns.asked.slice(before).filter(({ type }) => type === "A")).toHaveLength(1);
  });

  it("of a name with good and bad addresses only the good ones are tried", async () => {
    const port = await http((_request, response) => response.end("ok"));
    dns.set("mixed.test", "A", "169.254.169.254", "127.0.0.1");
    dns.set("mixed.test", "AAAA", "fe80::1");
    expect(await egressWith(loopback).get(`http://mixed.test:${port}/`, optionsFor(port))).toMatchObject({
      reached: true,
      address: "127.0.0.1",
    });
  });
});

describe("redirects", () => {
  const redirectTo = (location: string) => http((_request, response) => response.writeHead(302, { location }).end());

  it("are followed, and judged as anything else", async () => {
    const target = await http((_request, response) => response.end("there"));
    dns.set("next.test", "A", "127.0.0.1");
    const port = await redirectTo(`http://next.test:${target}/x`);
    const get = (options: Partial<GetOptions> = {}) =>
      egressWith(loopback).get(`http://127.0.0.1:${port}/`, { ...optionsFor(port, target), ...options });
    expect(await get()).toMatchObject({ reached: true, status: 200, url: `http://next.test:${target}/x` });
    expect(await get({ ports: { http: [port], https: [] } })).toMatchObject({ reached: false, why: "refused" });
  });

  it.each([
    "http://169.254.169.254/latest/meta-data/iam/",
    "http://[::ffff:169.254.169.254]/",
    "http://10.0.0.1/",
    "http://inner.test/",
    "file:///etc/passwd",
    "//user@10.0.0.1/",
  ])("to %s are refused", async (location) => {
    dns.set("inner.test", "A", "192.168.0.1");
    const port = await redirectTo(location);
    expect(await egressWith(loopback).get(`http://127.0.0.1:${port}/`, optionsFor(port, 80))).toMatchObject({
      reached: false,
      why: "refused",
    });
  });

  it("are followed ten times, not eleven", async () => {
    let requests = 0;
    const port = await http((request, response) => {
      requests++;
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end("end");
      else response.writeHead(307, { location: `/${left - 1}` }).end();
    });
    const get = (count: number) => egressWith(loopback).get(`http://127.0.0.1:${port}/${count}`, optionsFor(port));
    expect(await get(10)).toMatchObject({ reached: true, status: 200 });
    requests = 0;
    expect(await get(11)).toMatchObject({ reached: false, why: "response" });
    expect(requests).toBe(11);
  });

  it("to what is no URL end", async () => {
    const port = await redirectTo("http://[not");
    expect(await egressWith(loopback).get(`http://127.0.0.1:${port}/`, optionsFor(port))).toMatchObject({
      reached: false,
      why: "response",
    });
  });
});

describe("limits", () => {
  it("an answer that is too long ends, and so does the connection", async () => {
    let closed: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (closed = resolve));
    const port = await http((_request, response) => {
      response.on("close", closed);
      const more = (): void => {
        if (!response.destroyed) response.write("x".repeat(65_536), () => setImmediate(more));
      };
      more();
    });
    expect(await egressWith(loopback).get(`http://127.0.0.1:${port}/`, optionsFor(port))).toMatchObject({
      reached: false,
      why: "response",
      detail: expect.stringContaining("longer than 1000 octets"),
    });
    await ended;
  });

  it("a body of just the size is whole", async () => {
    const port = await http((_request, response) => response.end("x".repeat(1_000)));
    const answer = await egressWith(loopback).get(`http://127.0.0.1:${port}/`, optionsFor(port));
    expect(answer.reached && answer.body.length).toBe(1_000);
  });

  it.each([
    ["says nothing", () => undefined],
    ["never ends its head", (socket: Socket) => void socket.write("HTTP/1.1 200 OK\r\nx: ")],
    ["never ends its body", (socket: Socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab")],
  ])("a server that %s is left", async (_what, onConnection) => {
    const port = await tcp(onConnection);
    const options = { ...optionsFor(port), timeoutMs: 200 };
    expect(await egressWith(loopback).get(`http://127.0.0.1:${port}/`, options)).toMatchObject({
      reached: false,
      why: "connection",
      detail: expect.stringContaining("in time"),
    });
  });

  it("what is no HTTP, or has a head without end, is a bad response", async () => {
    for (const text of ["SSH-2.0-OpenSSH_9\r\n", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(20_000)}\r\n\r\n`]) {
      const port = await tcp((socket) => socket.end(text));
      expect(await egressWith(loopback).get(`http://127.0.0.1:${port}/`, optionsFor(port))).toMatchObject({
        reached: false,
        why: "response",
      });
    }
  });

  it.each([
    ["asks to speak something else", "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"],
    ["breaks off in the body", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nabc"],
    ["breaks off in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"],
    ["breaks off in the head", "HTTP/1.1 200 OK\r\nContent-Le"],
    ["says nothing", ""],
  ])("a server that %s is an answer all the same, and holds no place", async (_what, text) => {
    const port = await tcp((socket) => socket.once("data", () => socket.end(text)));
    const egress = egressWith(loopback, 1);
    for (let n = 0; n < 2; n++) {
      const answer = await egress.get(`http://127.0.0.1:${port}/`, { ...optionsFor(port), timeoutMs: 1_000 });
      expect(answer).toMatchObject({ reached: false, why: expect.stringMatching(/^(connection|response)$/) });
    }
  });

  it("a body that ends with its connection is whole", async () => {
    const port = await tcp((socket) => socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\n\r\nabc")));
    const answer = await egressWith(loopback).get(`http://127.0.0.1:${port}/`, optionsFor(port));
    expect(answer).toMatchObject({ reached: true, status: 200, body: new TextEncoder().encode("abc") });
  });

  it("interim answers without end are cut off", async () => {
    const port = await tcp((socket) => {
      const timer = setInterval(() => socket.write("HTTP/1.1 103 Early Hints\r\n\r\n"), 5);
      socket.on("close", () => clearInterval(timer));
    });
    const answer = await egressWith(loopback).get(`http://127.0.0.1:${port}/`, { ...optionsFor(port), timeoutMs: 300 });
    expect(answer).toMatchObject({ reached: false, why: "connection" });
  });

  it("more calls than the bulkhead holds are told so", async () => {
    const port = await tcp(() => undefined);
    const egress = egressWith(loopback, 1);
    const first = egress.get(`http://127.0.0.1:${port}/`, { ...optionsFor(port), timeoutMs: 200 });
    expect(await egress.get(`http://127.0.0.1:${port}/`, optionsFor(port))).toMatchObject({ why: "busy" });
    await first;
    const answering = await http((_request, response) => response.end());
    expect(await egress.get(`http://127.0.0.1:${answering}/`, optionsFor(answering))).toMatchObject({ reached: true });
  });
});

describe("a handshake", () => {
  const shake = (host: string, port: number, cidrs: readonly string[] = loopback) =>
    egressWith(cidrs).handshake({
      host,
      port,
      serverName: "www.test",
      alpn: "acme-tls/1",
      privateNetworks: true,
      timeoutMs: 300,
    });

  it("is judged as anything else", async () => {
    let connections = 0;
    const port = await tcp(() => connections++);
    dns.set("inside.test", "A", "127.0.0.1");
    for (const host of ["127.0.0.1", "inside.test", "::1", "::ffff:127.0.0.1"])
      expect(await shake(host, port, []), host).toMatchObject({ reached: false, why: "refused" });
    for (const host of ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "fd00:ec2::254"])
      expect(await shake(host, port, ["0.0.0.0/0", "::/0"]), host).toMatchObject({ reached: false, why: "refused" });
    expect(connections).toBe(0);
  });

  it("with a server that says nothing, or closes, ends", async () => {
    expect(await shake("127.0.0.1", await tcp(() => undefined))).toMatchObject({
      reached: false,
      why: "connection",
      detail: expect.stringContaining("in time"),
    });
    expect(await shake("127.0.0.1", await tcp((socket) => socket.end()))).toMatchObject({
      reached: false,
      why: "connection",
    });
  });
});

it("a name that does not resolve, and a resolver that fails, are DNS problems", async () => {
  dns.fail("broken.test", "SERVFAIL");
  for (const name of ["nowhere.test", "broken.test"])
    expect(await egressWith(loopback).get(`http://${name}/`, optionsFor(80))).toMatchObject({
      reached: false,
      why: "dns",
      detail: expect.stringContaining(name),
    });
});
