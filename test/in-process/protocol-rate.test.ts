/** Strangers at an enrolment endpoint do not use up what the tenant's own API may be asked (I8). */
import { expect, test } from "vitest";
import { httpFunctions } from "#functions/registry";
import { createPool } from "#shared/http/pool";
import { createEndpoint } from "#shared/usecases/enrolment-endpoints";
import { adminCall, openHouse } from "./house.ts";

const requests: Readonly<Record<string, () => Request>> = {
  est: () => new Request("https://localhost/.well-known/est/door/cacerts"),
  scep: () => new Request("http://localhost/scep/door?operation=GetCACaps"),
  cmp: () =>
    new Request("http://localhost/.well-known/cmp/p/door", {
      method: "POST",
      headers: { "content-type": "application/pkixcmp" },
      body: new Uint8Array(1),
    }),
};

test.each(Object.keys(requests))("%s has a bucket of its own", async (protocol) => {
  await using house = await openHouse();
  const { deps } = house;
  await createEndpoint(deps, adminCall("acme"), "door", {
    protocols: ["est", "scep", "cmp"],
    issuer: null,
    profile: "default",
    owner: null,
    auth: ["secret"],
    approval: "automatic",
    validate_names: true,
    server_keys: false,
    private_networks: false,
    legacy_algorithms: false,
    default: false,
  });
  const asked: string[] = [];
  const limiter = {
    ...deps.limiter,
    take(key: string) {
      asked.push(key);
      return { ok: false as const, retryAfter: 7 };
    },
  };
  const found = httpFunctions.find((one) => one.protocol === protocol);
  const answers = await found?.load({ ...deps, limiter, pool: createPool(1) });
  const peer = { address: "127.0.0.1", certificate: undefined };
  const request = requests[protocol]?.() ?? new Request("http://localhost/");
  const response = await answers?.fetch(
    new Request(request, { headers: { ...Object.fromEntries(request.headers), host: "localhost" } }),
    peer,
  );
  expect(response?.status).toBe(429);
  expect(response?.headers.get("retry-after")).toBe("7");
  expect(asked).toEqual([`${protocol}/acme`]);
});
