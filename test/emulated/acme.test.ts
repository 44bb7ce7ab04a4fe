/** A stock ACME client against the deployed app: directory, order, dns-01 by the validating function, certificate. */
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleFiles, ocspStatus, verifyChain } from "../e2e/openssl.ts";
import { lego } from "../interop/acme/clients/lego.ts";
import { openWorld, type World } from "../interop/acme/world.ts";
import { deployment, newTenant, type Tenant } from "./deployed.ts";

let world: World;
let tenant: Tenant;
beforeAll(async () => {
  world = await openWorld();
  await resolveIn(world);
  tenant = await newTenant("acme");
});
afterAll(() => world.stop());

/** The function that validates asks the world's DNS instead of the Internet's. */
async function resolveIn({ dns }: World): Promise<void> {
  const { name, endpoint, region, credentials } = deployment();
  const lambda = new LambdaClient({ endpoint, region, credentials });
  const FunctionName = `${name}-acme-validating`;
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const Variables = { ...Environment?.Variables, TRSTCTL_RESOLVERS: dns.address };
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
}

it("lego enrols with dns-01, and revokes", async () => {
  const label = "emulated-web";
  await tenant.trstctl("enrolment-endpoints", "create", "--label", label, "--protocols", "acme", "--auth", "open");
  const { publicUrl, caFile } = deployment();
  const ca = { directory: `${publicUrl}/acme/${label}/directory`, roots: caFile };
  const client = lego({ program: "lego", major: 4 }, ca, world);
  const names = ["*.lego.test", "lego.test"];
  const pem = await client.issue("dns-01", "ec256", ...names);
  const { certificate: root } = await tenant.trstctl("issuers", "root");
  const bundle = bundleFiles(tenant.directory, "lego", pem, root);
  expect((await verifyChain(bundle)).code).toBe(0);
  expect(await ocspStatus(bundle)).toBe("good");
  await client.revoke(...names);
  expect(await ocspStatus(bundle)).toBe("revoked");
});
