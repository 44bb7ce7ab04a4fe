/** The operator's identity providers in an environment that lives long: what they change shows within five minutes. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { lambdaConfig } from "#shared/contracts/config/aws";
import { type Services, startServices } from "#test/aws/services";
import type { LambdaDeps } from "../deps.ts";
import type { Shell } from "../shell.ts";
import { identityProviders } from "./identity-providers.ts";

const parameter = "/t/sign-in";
let services: Services;
let now = 1_800_000_000_000;
let reported: unknown[] = [];
beforeAll(async () => {
  services = await startServices(() => Promise.reject(new Error("nothing is invoked")));
  for (const [name, value] of Object.entries({
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_ENDPOINT_URL: services.endpoint,
  }))
    vi.stubEnv(name, value);
});
afterAll(() => void vi.unstubAllEnvs());
beforeEach(() => {
  reported = [];
  services.parameters.delete(parameter);
});

const provider = (title: string) => ({
  title,
  issuer: `https://${title}.example.com`,
  client_id: "trstctl",
  rules: [{ subject: "ada", tenant: "acme", roles: ["viewer"] }],
});
const put = (document: object): void => void services.parameters.set(parameter, JSON.stringify(document));

async function open(): Promise<LambdaDeps> {
  const config = lambdaConfig.parse({ TRSTCTL_DEPLOYMENT: "t", TRSTCTL_SIGN_IN_PARAMETER: parameter });
  const shell = { name: "sign-in", config, report: (error: unknown) => void reported.push(error) } as unknown as Shell;
  const deps = { clock: { now: () => now } } as unknown as LambdaDeps;
  return Object.assign(deps, await identityProviders(shell, deps));
}
const titles = ({ signIn }: LambdaDeps): string[] => [...signIn.values()].map(({ title }) => title);

/** Requests in the next minutes. */
async function minutes(deps: LambdaDeps, n: number): Promise<void> {
  for (let minute = 0; minute < n; minute++) {
    now += 60_000;
    await deps.renewSignIn();
  }
}

test("a provider who is put there, exchanged or taken away: in every environment within five minutes", async () => {
  const deps = await open();
  expect(titles(deps)).toEqual([]);
  put({ providers: { a: provider("one") } });
  await minutes(deps, 4);
  expect(titles(deps)).toEqual([]);
  await minutes(deps, 1);
  expect(titles(deps)).toEqual(["one"]);
  const kept = deps.signIn.get("a");
  await minutes(deps, 5);
  expect(deps.signIn.get("a"), "unchanged, with what it remembers").toBe(kept);
  put({ providers: { b: provider("two") } });
  await minutes(deps, 5);
  expect(titles(deps)).toEqual(["two"]);
  services.parameters.delete(parameter);
  await minutes(deps, 5);
  expect(titles(deps)).toEqual([]);
});

test("a document that became wrong refuses until it is mended; Systems Manager away leaves what is known", async () => {
  put({ providers: { a: provider("one") } });
  const deps = await open();
  put({ providers: { a: { ...provider("one"), rules: [] } } });
  await expect(minutes(deps, 5)).rejects.toMatchObject({ code: "misconfigured", message: /nobody could sign in/ });
  await expect(deps.renewSignIn()).rejects.toMatchObject({ code: "misconfigured" });
  expect(titles(deps)).toEqual([]);
  put({ providers: { a: provider("three") } });
  await deps.renewSignIn();
  expect(titles(deps)).toEqual(["three"]);
  expect(reported).toHaveLength(2);
  await services.stop();
  await minutes(deps, 6);
  expect(titles(deps)).toEqual(["three"]);
  expect(reported.at(-1)).toMatchObject({ code: "unavailable", place: `parameter ${parameter}` });
});
