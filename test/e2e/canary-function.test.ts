/** The canary's code against a real host, and against one that tells it something else. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { beforeAll, expect, it } from "vitest";
import { createCanary, type Step } from "#functions/canary/app";
import { newId } from "#shared/crypto/random";
import { ownFrontDoor } from "#shared/adapters/aws/front-door";
import type { FrontDoor, Told } from "#shared/ports/front-door";
import { type Host, startHost } from "./host.ts";

let host: Host;
beforeAll(async () => {
  host = await startHost();
  return () => host.stop();
});

/** The host's own CA is nobody's: this door does not ask for it. */
const localDoor = (apiUrl: string): FrontDoor => ({
  ask: (method, url, { headers = {}, body } = {}) =>
    new Promise<Told>((resolve, reject) => {
      const target = new URL(url.startsWith("api:") ? apiUrl + url.slice("api:".length) : url);
      const request = target.protocol === "https:" ? httpsRequest : httpRequest;
      const asked = request(target, { method, headers, rejectUnauthorized: false }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts) }));
      });
      asked.on("error", reject);
      asked.end(body);
    }),
});

const ids = () => newId(Date.now());

async function canary(token: string, door = localDoor(host.apiUrl)) {
  const steps: Step[] = [];
  await createCanary({ door, token, newId: ids })((step) => void steps.push(step));
  return steps;
}

it("lives a certificate's life", async () => {
  const token = await host.token({ tenant: "canary", scopes: ["certs:issue"] });
  expect(await canary(token)).toEqual(["issue", "ca-certificate", "ocsp-good", "revoke", "ocsp-revoked"]);
});

it("says at which step it came otherwise, and what came", async () => {
  await expect(canary("trst_nobody_nothing")).rejects.toThrow(/^canary, issue: the API answered 401/);
  const token = await host.token({ tenant: "canary", scopes: ["certs:issue"] });
  const door = localDoor(host.apiUrl);
  const unrevoking: FrontDoor = {
    // Who says that it revokes and does not.
    ask: (method, url, asking) =>
      url.includes("/revoke")
        ? Promise.resolve({ status: 200, body: Buffer.from("{}") })
        : door.ask(method, url, asking),
  };
  await expect(canary(token, unrevoking)).rejects.toThrow(/^canary, ocsp-revoked: OCSP says good of what is revoked/);
});

it("asks nobody but this deployment", async () => {
  const door = ownFrontDoor("https://pki.example.com", "http://status.example.com");
  await expect(door.ask("GET", "http://169.254.169.254/latest/meta-data")).rejects.toMatchObject({ code: "forbidden" });
  await expect(door.ask("GET", "https://status.example.com/ca/x.cer")).rejects.toMatchObject({ code: "forbidden" });
});
