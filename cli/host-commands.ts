/**
 * Commands for the machine the host runs on: they speak over the admin socket, which only the host's own user may open.
 * Three of them speak to a deployment on AWS as well, as whoever its IAM lets invoke the admin function.
 */
import type { Command } from "commander";
import { Failure } from "#shared/kernel/failure";
import { isTenantId } from "#shared/kernel/ids";
import { signerKeyAlgorithms } from "#shared/kernel/key-algorithm";
import { keyBackends } from "#shared/kernel/key-backend";
import { addBackupCommands } from "./backup-commands.ts";
import { addKmsCommands } from "./kms-commands.ts";
import { durationSeconds } from "./duration.ts";
import { failureOfAnswer, readObject, refuseProblems, UsageError } from "./failures.ts";
import { detail, isRow, table, type Row } from "./output.ts";
import { adminSocketPath } from "./places.ts";
import type { Terminal } from "./terminal.ts";
import type { Transport } from "./transport.ts";
import { addTrustCommands } from "./trust/commands.ts";
import { viewOf } from "./view.ts";

type Mode = "up" | "serve";

const warningOf = async (tlsRoot: string, environment: Terminal["environment"]): Promise<readonly string[]> =>
  (await import("./trust/browser-warning.ts")).browserWarning(tlsRoot, environment);

/** What `trstctl up` and `trstctl serve` start. infra is composition: nothing else here may reach into it. */
async function runSupervisor(mode: Mode): Promise<void> {
  const supervisor = (await import(new URL("../infra/local/supervisor.ts", import.meta.url).href)) as {
    readonly runSupervisor: (mode: Mode, warning: (tlsRoot: string) => Promise<readonly string[]>) => Promise<void>;
  };
  await supervisor.runSupervisor(mode, (tlsRoot) => warningOf(tlsRoot, process.env));
}

export function addHostCommands(program: Command, terminal: Terminal): void {
  program.commandsGroup("On the host:");
  program
    .command("up")
    .description("Start the evaluation host: loopback only, tenant `default` ready to use")
    .action(() => runSupervisor("up"));
  program
    .command("serve")
    .description("Start the production host: provisions nothing, answers 401 until a token is minted")
    .action(() => runSupervisor("serve"));
  addTokenCreate(program.command("token"), terminal);
  const tenants = program.command("tenants");
  const list = onDeployment(tenants.command("list"))
    .description("List the tenants of this host, or of a deployment on AWS")
    .action(async () => {
      const answer = await admin(terminal, "GET", "/admin/tenants", { options: list.optsWithGlobals() });
      const items = Array.isArray(answer["items"]) ? answer["items"].filter(isRow) : [];
      const text = (await viewOf(list.optsWithGlobals())).text(answer);
      if (text !== undefined) terminal.out(text);
      else if (items.length === 0) terminal.note("none: trstctl token create --tenant <id> makes the first one");
      else terminal.out(table(items, ["id", "name", "created_at"]));
    });
  addFailover(tenants, terminal);
  addConsole(program, terminal);
  const tlsRoot = program
    .command("tls-root")
    .description("Show the root certificate that clients of the API must trust (PEM)")
    .action(async () => {
      const answer = await admin(terminal, "GET", "/admin/tls-root");
      const { text } = await viewOf(tlsRoot.optsWithGlobals());
      terminal.out(text(answer) ?? String(answer["certificate"]).trimEnd());
    });
  addTrustCommands(program, terminal, () => askTlsRoot(terminal));
  addBackupCommands(program, terminal);
  addKmsCommands(program, terminal);
  const doctor = program
    .command("doctor")
    .description("Look at profile, host, clock, token, signer and store, and say what to do where one fails")
    .action(async () => (await import("./doctor.ts")).doctor(doctor.optsWithGlobals(), terminal));
  const check = program
    .command("config")
    .command("check")
    .description("Check the TRSTCTL_* settings and show what they come to")
    .action(async () => {
      const { showConfig } = await import("./config-check.ts");
      showConfig(await viewOf(check.optsWithGlobals()), terminal);
    });
}

function addFailover(tenants: Command, terminal: Terminal): void {
  const command = onDeployment(tenants.command("fail-over"))
    .description(
      "Take a tenant's log over where this is sent, on a copy that may miss events; fences every other Region",
    )
    .requiredOption("--tenant <id>", "whose log")
    .action(async () => {
      const options: Row = command.optsWithGlobals();
      const body = { tenant: String(options["tenant"]) };
      const view = await viewOf(options, { done: true });
      const answer = await admin(terminal, "POST", "/admin/failovers", { body, options });
      const text = view.text(answer);
      if (text !== undefined) terminal.out(text);
      else {
        const lanes = Array.isArray(answer["lanes"]) ? answer["lanes"].filter(isRow) : [];
        terminal.out(table(lanes, ["lane", "sequence", "seen"]));
        const lost = lanes.filter((lane) => lane["sequence"] !== lane["seen"]).length;
        terminal.note(
          `epoch ${String(answer["epoch"])}; ${lost === 0 ? "no lane is known to miss an event" : `${lost} lanes end before what was seen`}`,
        );
      }
    });
}

function addConsole(program: Command, terminal: Terminal): void {
  const command = onDeployment(program.command("console"))
    .description("Show a link that signs in to the console, once and within five minutes")
    .option("--tenant <id>", "whose console; default: that of an evaluation host")
    .option("--scopes <a,b>", "what the session may do; default: everything but issuing", (value: string) =>
      value.split(",").map((word) => word.trim()),
    )
    .action(async () => {
      const { tenant, scopes }: Row = command.optsWithGlobals();
      const { text } = await viewOf(command.optsWithGlobals(), { done: true });
      const body = { ...(tenant !== undefined && { tenant }), ...(scopes !== undefined && { scopes }) };
      const answer = await admin(terminal, "POST", "/admin/sign-in-links", {
        body,
        options: command.optsWithGlobals(),
      });
      terminal.out(text(answer) ?? String(answer["url"]));
      if (command.optsWithGlobals()["stack"] === undefined)
        for (const line of await warningOf(await askTlsRoot(terminal), terminal.environment)) terminal.note(line);
    });
}

const askTlsRoot = async (terminal: Terminal): Promise<string> =>
  String((await admin(terminal, "GET", "/admin/tls-root"))["certificate"]);

function addTokenCreate(token: Command, terminal: Terminal): void {
  const command = onDeployment(token.command("create"))
    .description("Mint an API token of a tenant; makes the tenant if it is new")
    .requiredOption("--tenant <id>", "lower-case letters, digits and -; required")
    .option("--tenant-name <text>", "name of a new tenant")
    .option("--ca-key-algorithm <name>", "of a new tenant's root and first issuing CA; default: P-256")
    .option("--ca-key-backend <name>", "what holds the keys of both; default: as the operator has set it")
    .option("--subject <text>", "whom the token speaks for; default: the host's choice")
    .option(
      "--scopes <a,b>",
      "what it may do; default: everything but issuing",
      (value: string, before: readonly string[] | undefined) => [
        ...(before ?? []),
        ...value.split(",").map((word) => word.trim()),
      ],
    )
    .option("--expires-in <duration>", "e.g. 90d, 12h, 30m; default: the host's choice")
    .action(async () => {
      const options: Row = command.optsWithGlobals();
      const view = await viewOf(options, { done: true });
      const answer = await admin(terminal, "POST", "/admin/tokens", {
        body: await tokenBody(options, terminal.now()),
        options,
      });
      if (typeof answer["token"] !== "string") refuse("the host answered without a token");
      const { token: _, ...rest } = answer;
      const shown = view.text(answer);
      terminal.out(shown ?? answer["token"]);
      if (shown === undefined) terminal.note(detail(rest));
      else if (!shown.includes(answer["token"])) terminal.note(answer["token"]);
      terminal.note("the token is shown this once");
    });
}

/** @throws UsageError naming every problem */
async function tokenBody(options: Row, now: number): Promise<Row> {
  const { scope } = await import("#shared/contracts/api/access");
  const problems: string[] = [];
  const { tenant, tenantName, caKeyAlgorithm, caKeyBackend, subject, scopes, expiresIn } = options;
  if (!isTenantId(String(tenant)))
    problems.push(`--tenant: expected lower-case letters, digits and -, 63 at most, got ${JSON.stringify(tenant)}`);
  for (const word of (scopes ?? []) as readonly string[])
    if (!scope.safeParse(word).success)
      problems.push(`--scopes: ${JSON.stringify(word)} is none of ${scope.options.join(", ")}`);
  if (caKeyAlgorithm !== undefined && !signerKeyAlgorithms.some((name) => name === caKeyAlgorithm))
    problems.push(`--ca-key-algorithm: ${JSON.stringify(caKeyAlgorithm)} is none of ${signerKeyAlgorithms.join(", ")}`);
  if (caKeyBackend !== undefined && !keyBackends.some((name) => name === caKeyBackend))
    problems.push(`--ca-key-backend: ${JSON.stringify(caKeyBackend)} is none of ${keyBackends.join(", ")}`);
  const seconds = typeof expiresIn === "string" ? durationSeconds(expiresIn) : undefined;
  if (expiresIn !== undefined && seconds === undefined)
    problems.push(`--expires-in: expected a number and s, m, h, d or w, e.g. 90d, got ${JSON.stringify(expiresIn)}`);
  refuseProblems(problems);
  return {
    tenant,
    ...(tenantName === undefined ? {} : { tenant_name: tenantName }),
    ...(caKeyAlgorithm === undefined ? {} : { ca_key_algorithm: caKeyAlgorithm }),
    ...(caKeyBackend === undefined ? {} : { ca_key_backend: caKeyBackend }),
    ...(subject === undefined ? {} : { subject }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(seconds === undefined ? {} : { expires_at: new Date(now + seconds * 1000).toISOString() }),
  };
}

/** Commands that ask this machine's host, or a deployment on AWS through its admin function. */
const onDeployment = (command: Command): Command =>
  command
    .option("--stack <name>", "of a deployment on AWS, with your IAM identity, instead of this machine's host")
    .option("--region <name>", "of --stack; default: AWS_REGION, or that of the AWS profile");

interface AdminAsked {
  readonly body?: Row;
  /** Of the command. */
  readonly options?: Row;
}

async function admin(terminal: Terminal, method: string, path: string, { body, options = {} }: AdminAsked = {}) {
  const headers = {
    accept: "application/json, application/problem+json",
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const transport = await adminTransport(terminal, options);
  const answer = await transport({
    method,
    path,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (answer.status < 200 || answer.status > 299) throw failureOfAnswer(answer);
  return readObject(answer.body) ?? refuse("the host answered no JSON object");
}

async function adminTransport({ environment }: Terminal, { stack, region }: Row): Promise<Transport> {
  if (stack === undefined) {
    if (region !== undefined) throw new UsageError("--region: is of a deployment on AWS; say which with --stack");
    const { socketTransport } = await import("./transport.ts");
    return socketTransport(adminSocketPath(environment));
  }
  if (typeof stack !== "string" || !/^[a-z]([a-z0-9-]{0,20}[a-z0-9])?$/.test(stack))
    throw new UsageError(
      `--stack: expected the deployment's name (CDK context name, by default trstctl), got ${JSON.stringify(stack)}`,
    );
  const { functionTransport } = await import("./admin-function.ts");
  return functionTransport({ stack, region: region as string | undefined }, environment);
}

function refuse(what: string): never {
  throw new Failure("malformed", `${what}: use the CLI of the same version as the host`);
}
