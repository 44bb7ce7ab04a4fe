/**
 * Chromium over its own protocol and with nothing of it switched on that costs the page memory: a driver that follows the
 * network keeps every answer in the page's process.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { longer, noTasks, type Tasks, tasksIn, traceCategory, type TraceEvent } from "./tasks.ts";

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

export interface BarePage {
  open(url: string): Promise<void>;
  evaluate<T>(expression: string): Promise<T>;
  /** @throws when it does not become true within half a minute */
  until(expression: string): Promise<void>;
  wheel(x: number, y: number, pixels: number): Promise<void>;
  /** Tasks of the page's main thread while `work` ran. */
  tasksOf(work: () => Promise<void>): Promise<Tasks>;
  /** Bytes that the page's process holds for itself, as Chromium's task manager counts them; and living JavaScript objects. */
  memory(): Promise<{ readonly footprint: number; readonly heap: number; readonly nodes: number }>;
  close(): Promise<void>;
}

const patienceMs = 30_000;

export async function openBarePage(): Promise<BarePage> {
  const profile = mkdtempSync(join(tmpdir(), "trstctl-chromium-"));
  const chromium = spawn(
    "/usr/bin/chromium",
    [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--ignore-certificate-errors", // the root is the host's own
      "--disable-features=SpareRendererForSitePerProcess",
      "--window-size=1280,860",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const end = (): void => void chromium.kill("SIGKILL");
  process.once("exit", end);
  const socket = await connect(await debuggerUrl(chromium));
  const target = await socket.pageTarget();
  const page = await connect(target);
  await page.send("Page.enable");
  await page.send("Performance.enable");

  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await page.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined)
      throw new Error(`in the page: ${JSON.stringify(exceptionDetails).slice(0, 300)}`);
    return (result as { readonly value: T }).value;
  };

  return {
    evaluate,
    open: async (url) => void (await page.send("Page.navigate", { url })),
    async until(expression) {
      for (const started = performance.now(); !(await evaluate<boolean>(expression)); await wait(50))
        if (performance.now() - started > patienceMs) throw new Error(`the page does not come to ${expression}`);
    },
    wheel: async (x, y, pixels) =>
      void (await page.send("Input.dispatchMouseEvent", { type: "mouseWheel", x, y, deltaX: 0, deltaY: pixels })),
    async tasksOf(work) {
      let tasks = noTasks;
      const renderer = await rendererOf(socket);
      const done = new Promise<void>((resolve) => {
        socket.on("Tracing.dataCollected", ({ value }) => {
          tasks = longer(tasks, tasksIn(value as readonly TraceEvent[], renderer));
        });
        socket.on("Tracing.tracingComplete", () => resolve());
      });
      await socket.send("Tracing.start", { traceConfig: { includedCategories: [traceCategory] } });
      await work();
      await socket.send("Tracing.end");
      await done;
      return tasks;
    },
    async memory() {
      const status = readFileSync(`/proc/${await rendererOf(socket)}/status`, "utf8");
      const bytes = (field: string): number =>
        Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) * 1024;
      await page.send("HeapProfiler.collectGarbage");
      const { metrics } = (await page.send("Performance.getMetrics")) as unknown as {
        readonly metrics: readonly { readonly name: string; readonly value: number }[];
      };
      const metric = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
      return { footprint: bytes("RssAnon") + bytes("VmSwap"), heap: metric("JSHeapUsedSize"), nodes: metric("Nodes") };
    },
    async close() {
      page.close();
      await socket.send("Browser.close").catch(() => undefined);
      if (chromium.exitCode === null) await new Promise((resolve) => chromium.once("exit", resolve));
      process.off("exit", end);
      rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

async function rendererOf(socket: Connection): Promise<number> {
  const { processInfo } = (await socket.send("SystemInfo.getProcessInfo")) as unknown as {
    readonly processInfo: readonly { readonly type: string; readonly id: number; readonly cpuTime: number }[];
  };
  const [busiest] = processInfo.filter(({ type }) => type === "renderer").sort((a, b) => b.cpuTime - a.cpuTime);
  if (busiest === undefined) throw new Error("Chromium has no renderer");
  return busiest.id;
}

interface Connection {
  send(method: string, params?: object): Promise<Record<string, unknown>>;
  on(method: string, take: (params: Record<string, unknown>) => void): void;
  pageTarget(): Promise<string>;
  close(): void;
}

async function connect(url: string): Promise<Connection> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error("Chromium does not answer")), { once: true });
  });
  const waiting = new Map<number, (message: Message) => void>();
  const listening = new Map<string, (params: Record<string, unknown>) => void>();
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    else if (message.method !== undefined) listening.get(message.method)?.(message.params ?? {});
  });
  let last = 0;
  return {
    send: (method, params = {}) =>
      new Promise((resolve, reject) => {
        const id = ++last;
        waiting.set(id, ({ result = {}, error }) => {
          waiting.delete(id);
          if (error === undefined) resolve(result);
          else reject(new Error(`${method}: ${error.message}`));
        });
        socket.send(JSON.stringify({ id, method, params }));
      }),
    on: (method, take) => void listening.set(method, take),
    async pageTarget() {
      const targets = (await (await fetch(new URL("/json/list", url.replace("ws:", "http:")))).json()) as readonly {
        readonly type: string;
        readonly webSocketDebuggerUrl: string;
      }[];
      const page = targets.find(({ type }) => type === "page");
      if (page === undefined) throw new Error("Chromium has no page");
      return page.webSocketDebuggerUrl;
    },
    close: () => socket.close(),
  };
}

/** As Chromium prints it. */
function debuggerUrl(chromium: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const timer = setTimeout(() => reject(new Error(`Chromium does not start\n${text}`)), patienceMs);
    chromium.stderr?.setEncoding("utf8").on("data", (more: string) => {
      text = (text + more).slice(-4_000);
      const [, url] = /DevTools listening on (ws:\S+)/.exec(text) ?? [];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}
