/** How a client's hook reaches the records of a `DnsServer`: the requests of lego's provider `httpreq`. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { DnsServer } from "./server.ts";

export interface TxtDoor {
  /** POST `{fqdn, value}` to `/present` below it, and to `/cleanup`. */
  readonly url: string;
  stop(): Promise<void>;
}

export async function openTxtDoor(dns: DnsServer): Promise<TxtDoor> {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => (body += part));
    request.on("end", () => {
      const { fqdn, value } = JSON.parse(body) as { readonly fqdn: string; readonly value: string };
      if (request.url === "/present") dns.add(fqdn, "TXT", value);
      else if (request.url === "/cleanup") dns.remove(fqdn, "TXT", value);
      else response.statusCode = 404;
      response.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
