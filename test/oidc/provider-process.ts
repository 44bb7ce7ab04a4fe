/** Starts `provider-main.ts` for a test and ends it with the test. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { serverIdentity } from "./certificate.ts";

/** What the process says first. */
export interface ProviderReady {
  readonly issuer: string;
}

/** What it is then told. */
export interface ProviderOrder {
  /** Of the client: `https://host:port`. */
  readonly origin: string;
  /** The client's id for this provider. */
  readonly id: string;
  /** PEM: who vouches for the client's host. */
  readonly root: string;
  readonly clientSecret: string;
  /** By login name, which is `sub`: further claims. */
  readonly accounts: Readonly<Record<string, object>>;
}

export interface ProviderProcess extends ProviderReady {
  /** PEM, for `ca_file`. */
  readonly authority: string;
  serve(order: ProviderOrder): Promise<void>;
  /** What it said on standard error. */
  complaints(): string;
  stop(): void;
}

const main = fileURLToPath(new URL("./provider-main.ts", import.meta.url));

export async function startProviderProcess(): Promise<ProviderProcess> {
  const identity = serverIdentity();
  const child: ChildProcess = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main], {
    env: { PATH: process.env["PATH"], NODE_ENV: "test", PROVIDER_IDENTITY: JSON.stringify(identity) },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let complaints = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (complaints += text));
  const ended = new Promise<never>((_, reject) =>
    child.on("exit", (code) => reject(new Error(`the provider ended with ${String(code)}\n${complaints}`))),
  );
  ended.catch(() => undefined);
  if (child.stdout === null || child.stdin === null) throw new Error("the provider has no pipes");
  const { stdin } = child;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => String((await Promise.race([lines.next(), ended])).value);
  const { issuer } = JSON.parse(await nextLine()) as ProviderReady;
  return {
    issuer,
    authority: identity.cert,
    async serve(order) {
      stdin.write(`${JSON.stringify(order)}\n`);
      await nextLine();
    },
    complaints: () => complaints,
    stop: () => void child.kill(),
  };
}
