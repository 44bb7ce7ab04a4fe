/** What a client and a CA need around them: names that resolve, TXT records to set, ports for challenges, a web server. */
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { join } from "node:path";
import { freePort } from "#test/contract/free-port";
import { type DnsServer, startDnsServer } from "#test/dns/server";
import { openTxtDoor, type TxtDoor } from "#test/dns/txt-door";
import { temporaryDirectory } from "#test/e2e/host";

/** A CA as its clients see it. */
export interface Ca {
  /** URL of the directory. */
  readonly directory: string;
  /** PEM of the roots that its TLS certificate leads to, a file. */
  readonly roots: string;
}

export interface World {
  readonly dns: DnsServer;
  readonly txt: TxtDoor;
  /** Where the CA looks for challenges instead of 80 and 443; free when nothing of ours listens. */
  readonly ports: { readonly http: number; readonly tls: number };
  /** A new directory for a client. */
  directory(): string;
  /** An executable file with this shell script. */
  script(name: string, ...lines: readonly string[]): string;
  /** Serves what lies below `root/.well-known/acme-challenge/` on the HTTP port while the work goes on. */
  withWebroot<T>(work: (root: string) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** RFC 8555 8.3. */
export const challengeFolder = join(".well-known", "acme-challenge");

export async function openWorld(): Promise<World> {
  const dns = await startDnsServer({ everyName: "127.0.0.1" });
  const txt = await openTxtDoor(dns);
  const ports = { http: await freePort(), tls: await freePort() };
  const directory = temporaryDirectory;
  return {
    dns,
    txt,
    ports,
    directory,
    script(name, ...lines) {
      const file = join(directory(), name);
      writeFileSync(file, ["#!/bin/sh", "set -e", ...lines, ""].join("\n"), { mode: 0o755 });
      return file;
    },
    async withWebroot(work) {
      const webroot = directory();
      const folder = join(webroot, challengeFolder);
      mkdirSync(folder, { recursive: true });
      const server = createHttpServer((request, response) => {
        const [, token = ""] = /^\/\.well-known\/acme-challenge\/([\w-]+)$/.exec(request.url ?? "") ?? [];
        const file = join(folder, token);
        if (token !== "" && existsSync(file)) response.end(readFileSync(file));
        else response.writeHead(404).end();
      });
      server.listen(ports.http, "127.0.0.1");
      await once(server, "listening");
      try {
        return await work(webroot);
      } finally {
        server.closeAllConnections();
        server.close();
        await once(server, "close");
      }
    },
    async stop() {
      await txt.stop();
      await dns.stop();
    },
  };
}
