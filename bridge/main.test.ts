/** The bridge as the process that it is. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type ClientHttp2Session } from "node:http2";
import { get } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, it } from "vitest";
import { root } from "../toolchain/runtime.mjs";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

interface Line {
  readonly message: string;
  readonly port: number;
  readonly healthPort: number;
}

async function startBridge(settings: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [join(root, "bridge/main.ts")], {
    env: { TRSTCTL_BRIDGE_PORT: "0", TRSTCTL_BRIDGE_HEALTH_PORT: "0", ...settings },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  // From the start: on a busy machine it may be over before a test comes to wait for it.
  const exited = once(child, "exit") as Promise<[code: number]>;
  const lines = createInterface({ input: child.stdout });
  const [first] = (await once(lines, "line")) as [string];
  return { child, exited, lines, first: JSON.parse(first) as Line };
}

const health = async (port: number, path = "/healthz"): Promise<number | undefined> => {
  const [response] = (await once(get({ host: "127.0.0.1", port, path, agent: false }), "response")) as [
    { statusCode?: number; resume(): void },
  ];
  response.resume();
  return response.statusCode;
};

const http2 = async (port: number): Promise<ClientHttp2Session> => {
  const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  await once(session, "connect");
  return session;
};

it("answers its health check, and refuses agents in gRPC's own words", async () => {
  const { first } = await startBridge();
  expect(await health(first.healthPort)).toBe(200);
  expect(await health(first.healthPort, "/")).toBe(404);
  const session = await http2(first.port);
  const stream = session.request({ ":method": "POST", ":path": "/a/B", "content-type": "application/grpc" });
  stream.end(Buffer.alloc(100));
  const [headers] = (await once(stream, "response")) as [Record<string, string | number>];
  expect(headers).toMatchObject({ ":status": 200, "grpc-status": "12" });
  expect(decodeURIComponent(String(headers["grpc-message"]))).toMatch(/serves no agents yet: enrol over EST/);
  session.destroy();
});

it("refuses everybody else as a problem, over TLS alone", async () => {
  const { first } = await startBridge();
  const asked = request({ host: "127.0.0.1", port: first.port, rejectUnauthorized: false, agent: false });
  asked.end();
  const [response] = (await once(asked, "response")) as [{ statusCode?: number; headers: Record<string, string> }];
  expect(response).toMatchObject({ statusCode: 501, headers: { "content-type": "application/problem+json" } });
  const plain = get({ host: "127.0.0.1", port: first.port, agent: false });
  await expect(once(plain, "response")).rejects.toThrow(/socket hang up|ECONNRESET/);
});

it("goes in order: unhealthy at once, nobody new, who is here is told, the late are cut off", async () => {
  const { child, exited, lines, first } = await startBridge({ TRSTCTL_BRIDGE_DRAIN_SECONDS: "1" });
  const session = await http2(first.port);
  const told = once(session, "goaway");
  const draining = once(lines, "line");
  child.kill("SIGTERM");
  await draining;
  await told;
  await expect(http2(first.port)).rejects.toThrow(/ECONNREFUSED/);
  const [code] = await exited;
  expect(code).toBe(0);
});

it("tells a wrong setting and does not start", async () => {
  const { exited, first } = await startBridge({ TRSTCTL_BRIDGE_PORT: "agents", TRSTCTL_BRIGDE_PORT: "1" });
  expect(first.message).toMatch(/TRSTCTL_BRIDGE_PORT: expected a port number/);
  expect(first.message).toMatch(/TRSTCTL_BRIGDE_PORT: not a setting/);
  const [code] = await exited;
  expect(code).toBe(1);
});
