/** The app at the emulator as `cdk deploy` leaves it, its public names as ports here. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from "@aws-sdk/client-cloudformation";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { succeed } from "#test/run";
import { type Ministack, startMinistack } from "../interop/tools/ministack.ts";
import { root } from "../../toolchain/runtime.mjs";
import { type Front, openFront } from "./front.ts";
import { functionLogs } from "./logs.ts";
import { operatorAt } from "./operator.ts";

/** What a test needs to know; it crosses from vitest's own process to those of the tests. */
export interface Deployment {
  readonly name: string;
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Ministack["credentials"];
  /** `AWS_…`, for programs. */
  readonly environment: Readonly<Record<string, string>>;
  /** `https://…`, of API and protocols; its certificate is vouched for by `caFile`. */
  readonly publicUrl: string;
  readonly caFile: string;
  /** `http://…`, burnt into certificates. */
  readonly revocationBaseUrl: string;
  /** Contexts, as words for `cdk`. */
  readonly deployedWith: readonly string[];
}

export interface RunningDeployment {
  readonly deployment: Deployment;
  stop(): Promise<void>;
}

const name = "trstctl";
/** Keys in KMS for issuers to claim: one for the recipes, one for the tests. */
const contexts = ["-c", "caKeys=P-256,P-384"];

/** Every step says what it took. @throws Error with the functions' logs when one fails */
export async function openDeployment(): Promise<RunningDeployment> {
  const directory = mkdtempSync(join(tmpdir(), "tc-emulated-"));
  const emulator = await step("emulator", () => startMinistack({ auth: true }));
  const fronts: Front[] = [];
  const stop = async (): Promise<void> => {
    for (const front of fronts) await front.stop();
    await emulator.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const tls = await certificateOfFront(directory);
    const secure = await openFront(emulator.endpoint, tls);
    fronts.push(secure);
    const plain = await openFront(emulator.endpoint);
    fronts.push(plain);
    const operator = operatorAt(emulator.environment, directory);
    await step("cdk bootstrap", () => operator.cdk("bootstrap", `aws://000000000000/${emulator.region}`));
    await step("npm run deploy", () => operator.deploy(...contexts));
    const deployment = {
      name,
      endpoint: emulator.endpoint,
      region: emulator.region,
      credentials: emulator.credentials,
      environment: emulator.environment,
      publicUrl: secure.url,
      caFile: join(directory, "front.pem"),
      revocationBaseUrl: plain.url,
      deployedWith: contexts,
    };
    secure.lead(await hostnameOf(deployment, "PublicUrl"));
    plain.lead(await hostnameOf(deployment, "RevocationBaseUrl"));
    await step("settings", () => writeSettings(deployment));
    return { deployment, stop };
  } catch (error) {
    process.stdout.write(`${emulator.log().slice(-8000)}\n${await functionLogs(emulator.endpoint, 0)}\n`);
    await stop();
    throw error;
  }
}

async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  process.stdout.write(`${what}: ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
  return result;
}

async function certificateOfFront(directory: string): Promise<{ key: string; cert: string }> {
  const [key, cert] = [join(directory, "front.key"), join(directory, "front.pem")];
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 7 -subj /CN=localhost";
  await succeed(
    "openssl",
    [...request.split(" "), "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert],
    {
      cwd: root,
    },
  );
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}

export interface Resource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
}

/** @param stack `core`, `edge` … */
export async function resourcesOf(
  { name: deploymentName, endpoint, region, credentials }: Deployment,
  stack: string,
): Promise<readonly Resource[]> {
  const client = new CloudFormationClient({ endpoint, region, credentials });
  const found: Resource[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources(
    { client },
    { StackName: `${deploymentName}-${stack}` },
  ))
    for (const { LogicalResourceId = "", PhysicalResourceId = "", ResourceType = "" } of StackResourceSummaries)
      found.push({ logicalId: LogicalResourceId, physicalId: PhysicalResourceId, type: ResourceType });
  return found;
}

/** @param output of the edge stack */
async function hostnameOf({ name: of, endpoint, region, credentials }: Deployment, output: string): Promise<string> {
  const client = new CloudFormationClient({ endpoint, region, credentials });
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: `${of}-edge` }));
  const found = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === output)?.OutputValue;
  if (found === undefined) throw new Error(`the edge stack has no output ${output}`);
  return new URL(found).hostname;
}

/** As the operator of a domain of their own does it: the functions read it when they start. */
async function writeSettings({ name: of, endpoint, region, credentials, publicUrl, revocationBaseUrl }: Deployment) {
  await new SSMClient({ endpoint, region, credentials }).send(
    new PutParameterCommand({
      Name: `/${of}/settings`,
      Type: "String",
      Overwrite: true,
      Value: JSON.stringify({ publicUrl, revocationBaseUrl }),
    }),
  );
}
