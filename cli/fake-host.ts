/** For tests: a TLS host with its own CA, and a terminal that remembers. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./program.ts";
import type { Terminal } from "./terminal.ts";

export interface Authority {
  readonly ca: string;
  readonly key: string;
  readonly certificate: string;
}

/** Closed with the test by `onTestFinished`; dependency-cruiser cannot read `using`. */
export interface Closable {
  readonly close: () => Promise<void>;
}

export const scratch = (): { readonly path: string } & Closable => {
  const path = mkdtempSync(join(tmpdir(), "trstctl-cli-"));
  return { path, close: () => Promise.resolve(rmSync(path, { recursive: true, force: true })) };
};

/** A root and a certificate under it for `names`, by openssl. */
export function makeAuthority(names = "DNS:localhost,IP:127.0.0.1"): Authority {
  const dir = scratch();
  const file = (name: string): string => join(dir.path, name);
  const openssl = (...words: string[]): void => void execFileSync("openssl", words, { stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    file("ca.key"),
    "-out",
    file("ca.pem"),
    "-subj",
    "/CN=Test TLS CA",
    "-days",
    "2",
  );
  openssl("req", ...newKey, "-keyout", file("key.pem"), "-out", file("csr.pem"), "-subj", "/CN=localhost");
  writeFileSync(file("extensions"), `subjectAltName=${names}\n`);
  openssl(
    "x509",
    "-req",
    "-in",
    file("csr.pem"),
    "-CA",
    file("ca.pem"),
    "-CAkey",
    file("ca.key"),
    "-CAcreateserial",
    "-days",
    "1",
    "-extfile",
    file("extensions"),
    "-out",
    file("cert.pem"),
  );
  const read = (name: string): string => readFileSync(file(name), "utf8");
  const authority = { ca: read("ca.pem"), key: read("key.pem"), certificate: read("cert.pem") };
  void dir.close();
  return authority;
}

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Cut the connection instead. */
  readonly drop?: true;
}

/** Answers what `answer` says and remembers what came. */
export function listener(seen: Seen[], answer: (request: Seen) => Answer): RequestListener {
  return (request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const one = {
        method: request.method ?? "",
        url: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(parts).toString("utf8"),
      };
      seen.push(one);
      const { status, body, headers, drop } = answer(one);
      if (drop) request.socket.destroy();
      else
        response
          .writeHead(status, { ...(status >= 400 ? { "content-type": "application/problem+json" } : {}), ...headers })
          .end(body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body));
    });
  };
}

export interface FakeHost extends Closable {
  readonly url: string;
  readonly seen: readonly Seen[];
}

export async function fakeHost(authority: Authority, answer: (request: Seen) => Answer): Promise<FakeHost> {
  const seen: Seen[] = [];
  const server = createServer({ key: authority.key, cert: authority.certificate }, listener(seen, answer));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

export interface FakeTerminal extends Terminal {
  readonly outText: () => string;
  readonly noteText: () => string;
  readonly questions: readonly string[];
  readonly slept: readonly number[];
}

export function fakeTerminal(
  environment: Readonly<Record<string, string>>,
  { input = "", answer }: { readonly input?: string; readonly answer?: boolean } = {},
): FakeTerminal {
  const outs: string[] = [];
  const notes: string[] = [];
  const questions: string[] = [];
  const slept: number[] = [];
  return {
    environment,
    now: () => Date.parse("2030-01-01T00:00:00Z"),
    out: (text) => void outs.push(text.endsWith("\n") ? text : `${text}\n`),
    note: (text) => void notes.push(text.endsWith("\n") ? text : `${text}\n`),
    input: () => Promise.resolve(input),
    interactive: answer !== undefined,
    confirm: (question) => {
      questions.push(question);
      return Promise.resolve(answer === true);
    },
    sleep: (milliseconds) => {
      slept.push(milliseconds);
      return Promise.resolve();
    },
    outText: () => outs.join(""),
    noteText: () => notes.join(""),
    questions,
    slept,
  };
}

export interface CliSession extends Closable {
  readonly directory: string;
  readonly seen: readonly Seen[];
  readonly trstctl: (
    words: readonly string[],
    person?: Parameters<typeof fakeTerminal>[1],
  ) => Promise<{
    readonly code: number;
    readonly out: string;
    readonly note: string;
    readonly slept: readonly number[];
    readonly questions: readonly string[];
  }>;
}

/** A host, a profile file that points at it, and a CLI that reads the profile. */
export async function cliSession(authority: Authority, answer: (request: Seen) => Answer): Promise<CliSession> {
  const directory = scratch();
  const host = await fakeHost(authority, answer);
  const profile = join(directory.path, "profile.json");
  writeFileSync(profile, JSON.stringify({ url: host.url, ca: authority.ca, token: "trst_secret" }), { mode: 0o600 });
  return {
    directory: directory.path,
    seen: host.seen,
    trstctl: async (words, person) => {
      const terminal = fakeTerminal({ TRSTCTL_PROFILE: profile }, person);
      const code = await run(words, terminal);
      return {
        code,
        out: terminal.outText(),
        note: terminal.noteText(),
        slept: terminal.slept,
        questions: terminal.questions,
      };
    },
    close: async () => {
      await host.close();
      await directory.close();
    },
  };
}
