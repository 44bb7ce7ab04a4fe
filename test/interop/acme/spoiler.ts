/** What pebble does by chance, in front of a host: nonces that are refused. Clients must take the fresh one and try again. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { openssl } from "#test/e2e/openssl";

export interface Spoiler {
  /** To be the host's `TRSTCTL_PUBLIC_URL`. */
  readonly url: string;
  /** PEM file that its clients trust. */
  readonly roots: string;
  /** How many nonces were spoiled, and how many requests the host refused for it. */
  readonly spoiled: () => { readonly nonces: number; readonly refused: number };
  /** From now on it passes requests on to this host. */
  forwardTo(apiUrl: string): void;
  stop(): Promise<void>;
}

/** Every so many nonces one is not the host's. */
const every = 3;

export async function openSpoiler(directory: string): Promise<Spoiler> {
  const at = (file: string): string => join(directory, file);
  await openssl(
    ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
    ["-keyout", at("spoiler.key"), "-out", at("spoiler.pem"), "-subj", "/CN=localhost"],
    ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
  );
  let target = "";
  let seen = 0;
  const counts = { nonces: 0, refused: 0 };
  const tls = { key: readFileSync(at("spoiler.key")), cert: readFileSync(at("spoiler.pem")) };
  const server = createServer(tls, (incoming, outgoing) => {
    const { method, headers, url } = incoming;
    const forwarded = request(`${target}${url}`, { method, headers, rejectUnauthorized: false }, (answer) => {
      if (answer.headers["replay-nonce"] !== undefined && ++seen % every === 0) {
        answer.headers["replay-nonce"] = randomBytes(36).toString("base64url");
        counts.nonces++;
      }
      let text = "";
      answer.on("data", (part: Buffer) => (text += part.toString("latin1")));
      answer.on("end", () => {
        if (text.includes("error:badNonce")) counts.refused++;
      });
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    roots: at("spoiler.pem"),
    spoiled: () => ({ ...counts }),
    forwardTo: (apiUrl) => void (target = apiUrl),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
