/** A second deployment changes a function, a third takes it back; what was issued before is there all the time. */
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { succeed } from "#test/run";
import { root } from "../../toolchain/runtime.mjs";
import { newCsr } from "../e2e/openssl.ts";
import { deployment, newTenant, type Tenant } from "./deployed.ts";
import { operatorAt } from "./operator.ts";

let tenant: Tenant;
let id: string;
beforeAll(async () => {
  tenant = await newTenant("update");
  const csr = await newCsr(tenant.directory, "before", "before.example.test");
  id = (await tenant.curl("POST", "/certificates", { csr })).json.id;
});

/** Of the function that answers the API. */
async function headers(): Promise<string> {
  const { publicUrl, caFile } = deployment();
  const token = `authorization: Bearer ${tenant.token}`;
  const words = [
    "--silent",
    "--show-error",
    "--fail",
    "--cacert",
    caFile,
    "--dump-header",
    "-",
    "--output",
    "/dev/null",
  ];
  const told = await succeed("curl", [...words, "--header", token, `${publicUrl}/api/v1/certificates/${id}`]);
  return told.toLowerCase();
}

it("the new function is served after a deployment, and the old one after the next", async () => {
  expect(await headers()).not.toContain("x-changed");
  const { name, deployedWith, environment } = deployment();
  const { cdk, deploy } = operatorAt(environment, tenant.directory);
  const app = ["--app", `${process.execPath} ${join(root, "test", "emulated", "changed-app.ts")}`, ...deployedWith];
  await cdk("deploy", `${name}-core`, "--exclusively", "--require-approval", "never", ...app);
  expect(await headers()).toContain("x-changed: yes");
  await deploy(...deployedWith);
  expect(await headers()).not.toContain("x-changed");
  expect((await tenant.trstctl("audit", "reconcile")).clean).toBe(true);
});
