/** So many ACME clients, each with an account, a key and one name of its own, enrolling again and again. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeCsrText } from "#shared/pki/pem";
import { csrFor } from "../csr.ts";
import { AcmeClient } from "./client.ts";
import { outcomeOf } from "../load/outcome.ts";
import type { Outcome } from "../load/protocol.ts";
import type { AcmeServer } from "./server.ts";

export interface Challenges extends AsyncDisposable {
  readonly port: number;
  show(token: string, keyAuthorization: string): void;
}

/** Answers http-01 for every name on a port of 127.0.0.1. */
export async function openChallenges(): Promise<Challenges> {
  const shown = new Map<string, string>();
  const server = createServer((request, response) => {
    const [, token = ""] = /^\/\.well-known\/acme-challenge\/([\w-]+)$/.exec(request.url ?? "") ?? [];
    const answer = shown.get(token);
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/octet-stream" });
    response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    show: (token, keyAuthorization) => void shown.set(token, keyAuthorization),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Flow {
  /** Enrols so many certificates over all clients. */
  run(count: number): Promise<Outcome>;
  close(): void;
}

/** @param names one for each client; each is authorized once before this returns */
export async function openFlow(server: AcmeServer, names: readonly string[], { show }: Challenges): Promise<Flow> {
  const clients = await Promise.all(
    names.map(async (name) => {
      const client = await AcmeClient.register(server.target, server.directory, show);
      const csr = decodeCsrText(csrFor(name), "csr");
      await client.enrol(name, csr);
      return { client, enrol: () => client.enrol(name, csr) };
    }),
  );
  return {
    async run(count) {
      const latencies = new Float64Array(count);
      let next = 0;
      const cpu = process.cpuUsage();
      const started = performance.now();
      await Promise.all(
        clients.map(async ({ enrol }) => {
          while (next < count) {
            const at = next++;
            const begun = performance.now();
            await enrol();
            latencies[at] = performance.now() - begun;
          }
        }),
      );
      const seconds = (performance.now() - started) / 1000;
      const { user, system } = process.cpuUsage(cpu);
      return outcomeOf(seconds, latencies, user + system);
    },
    close() {
      for (const { client } of clients) client.close();
    },
  };
}
