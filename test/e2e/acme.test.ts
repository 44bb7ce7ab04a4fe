/** ACME on a real host that is killed while it validates: the next one goes on (I7). Stock clients: test/interop/acme.test.ts. */
import { createServer } from "node:http";
import { request as httpsRequest } from "node:https";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type Fetch, newClient } from "#test/acme/client";
import { csrFor } from "#test/acme/csr";
import { eventually, type Host, startHost, temporaryDirectory } from "./host.ts";
import { signalGroup } from "./processes.ts";

/** What every URL begins with, whatever port the host has and whatever Host says. */
const publicUrl = "https://ca.example.test";

/** Asks whichever host there is now. */
const fetchFrom =
  (host: () => Host): Fetch =>
  async (asked) => {
    const { apiUrl, data } = host();
    const { pathname, search } = new URL(asked.url);
    const { ca } = JSON.parse(readFileSync(join(data, "cli", "profile.json"), "utf8")) as { ca: string };
    const body = await asked.text();
    const headers = { ...Object.fromEntries(asked.headers), host: new URL(apiUrl).host };
    const outgoing = httpsRequest(apiUrl, { path: pathname + search, method: asked.method, headers, ca, agent: false });
    outgoing.end(body === "" ? undefined : body);
    const [incoming] = (await once(outgoing, "response")) as [
      NodeJS.ReadableStream & { statusCode: number; headers: Record<string, string> },
    ];
    let text = "";
    for await (const part of incoming) text += String(part);
    const bodiless = incoming.statusCode === 204;
    return new Response(bodiless ? null : text, { status: incoming.statusCode, headers: incoming.headers });
  };

it("a validation that was under way when the host was killed is done after its next start", async () => {
  const answers = new Map<string, string>();
  let reached = 0;
  let stalled = true;
  const server = createServer((request, response) => {
    reached++;
    if (!stalled) response.end(answers.get(request.url ?? "") ?? "nothing");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const settings = {
    TRSTCTL_PUBLIC_URL: publicUrl,
    TRSTCTL_EGRESS_CIDRS: "127.0.0.0/8",
    TRSTCTL_TEST_VALIDATION_PORTS: `http=${port},tls=1`,
  };
  const directory = temporaryDirectory();
  let host = await startHost({ directory, settings });
  const client = await newClient(
    fetchFrom(() => host),
    `${publicUrl}/directory`,
  );
  expect(client.directory["newOrder"]).toBe(`${publicUrl}/acme/default/new-order`);
  expect((await client.register({ contact: ["mailto:a@example.test"] })).status).toBe(201);
  const order = await client.order(["127.0.0.1"]);
  const url = order.body["authorizations"][0] as string;
  const { body } = await client.post(url);
  const challenge = body["challenges"].find(({ type }: { type: string }) => type === "http-01");
  answers.set(`/.well-known/acme-challenge/${challenge.token}`, client.keyAuthorization(challenge.token));
  expect((await client.post(challenge.url, {})).body["status"]).toBe("processing");
  await eventually("the host at the challenge", () => reached > 0 || undefined);

  signalGroup(host.pid, "SIGKILL");
  await host.exited;
  stalled = false;
  host = await startHost({ directory, settings });
  await eventually("a valid authorization", async () =>
    (await client.post(url)).body["status"] === "valid" ? true : undefined,
  );
  expect(reached).toBeGreaterThan(1);
  const done = await client.post(order.body["finalize"], { csr: csrFor(["127.0.0.1"], { cn: null }) });
  expect(done.body["status"]).toBe("valid");
  expect((await client.post(done.body["certificate"])).text).toMatch(/^-----BEGIN CERTIFICATE-----/);
  const { items } = await host.admin.ok("GET", "/certificates?limit=10");
  expect(items).toContainEqual(
    expect.objectContaining({ protocol: "acme", endpoint: "default", sans: ["ip:127.0.0.1"] }),
  );
  expect(await host.admin.ok("GET", "/audit/state")).toMatchObject({ clean: true });
  await host.stop();
  server.closeAllConnections();
  server.close();
});
