import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { fakeHost, listener, makeAuthority, scratch, type FakeHost, type Seen } from "./fake-host.ts";
import { httpsTransport, socketTransport } from "./transport.ts";

const ours = makeAuthority();
const other = makeAuthority();
const ping = { method: "GET", path: "/ping", headers: {} } as const;
const pong = () => ({ status: 200, body: "pong" });

async function hostOf(...given: Parameters<typeof fakeHost>): Promise<FakeHost> {
  const host = await fakeHost(...given);
  onTestFinished(host.close);
  return host;
}

afterAll(() => {
  delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
});

test("the pinned CA is trusted", async () => {
  const host = await hostOf(ours, pong);
  const send = httpsTransport(new URL(`${host.url}/stage`), ours.ca);
  expect(await send({ method: "POST", path: "/ping?x=1", headers: { "x-a": "b" }, body: "ä" })).toMatchObject({
    status: 200,
    body: "pong",
  });
  expect(host.seen[0]).toMatchObject({ method: "POST", url: "/stage/ping?x=1", body: "ä" });
  expect(host.seen[0]?.headers["content-length"]).toBe("2");
});

test("another CA of the same name is refused, whatever the environment says; nothing is sent", async () => {
  const host = await hostOf(other, pong);
  const send = httpsTransport(new URL(host.url), ours.ca);
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  await expect(send({ ...ping, headers: { authorization: "secret" } })).rejects.toMatchObject({
    code: "misconfigured",
    message: expect.stringContaining("TLS CA changed") as string,
  });
  delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  await expect(httpsTransport(new URL(host.url), undefined)(ping)).rejects.toMatchObject({ code: "misconfigured" });
  expect(host.seen).toHaveLength(0);
});

test("a certificate for another name is refused", async () => {
  const elsewhere = makeAuthority("DNS:elsewhere.example");
  const host = await hostOf(elsewhere, pong);
  await expect(httpsTransport(new URL(host.url), elsewhere.ca)(ping)).rejects.toMatchObject({
    message: expect.stringContaining("TRSTCTL_HOSTNAMES") as string,
  });
});

test("nobody listens: says how to start the host, may be repeated", async () => {
  const host = await fakeHost(ours, pong);
  await host.close();
  await expect(httpsTransport(new URL(host.url), ours.ca)(ping)).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("npm start") as string,
    extensions: { sent: false },
  });
  await expect(socketTransport("/nowhere/admin.sock")(ping)).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("npm start") as string,
  });
});

test("a connection that breaks may be repeated, but the request may have arrived", async () => {
  const host = await hostOf(ours, () => ({ status: 0, drop: true }));
  await expect(httpsTransport(new URL(host.url), ours.ca)(ping)).rejects.toMatchObject({
    code: "unavailable",
    extensions: { sent: true },
  });
});

test("a plain HTTP port is named as such", async () => {
  const server = createServer(listener([], pong));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  await expect(httpsTransport(new URL(`https://127.0.0.1:${port}`), ours.ca)(ping)).rejects.toMatchObject({
    message: expect.stringContaining("does not speak TLS") as string,
  });
});

test("the admin socket", async () => {
  const directory = scratch();
  onTestFinished(directory.close);
  const seen: Seen[] = [];
  const path = join(directory.path, "admin.sock");
  const server = createServer(listener(seen, pong));
  await new Promise<void>((resolve) => void server.listen(path, resolve));
  onTestFinished(() => void server.close());
  expect(await socketTransport(path)({ method: "POST", path: "/admin/tokens", headers: {}, body: "{}" })).toMatchObject(
    { status: 200, body: "pong" },
  );
  expect(seen[0]).toMatchObject({ method: "POST", url: "/admin/tokens", body: "{}" });
});
