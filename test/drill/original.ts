/** The host that will be lost: fills it, backs it up under load, kills it. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { apiPost } from "../bench/api.ts";
import { newPlace, startHost } from "../bench/host.ts";
import { done, killedAfter, trstctl } from "./command-line.ts";
import { inventoryOf } from "./inventory.ts";
import { type Certificate, issue, revoke, startLoad } from "./load.ts";
import { standingOf } from "./relying-party.ts";
import { check, type Steps } from "./steps.ts";

const clients = 8;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What is left of it, and what was known of it. */
export interface Lost {
  readonly backup: string;
  readonly key: string;
  readonly kek: string;
  /** Issued before the load; the first was revoked. */
  readonly known: readonly [Certificate, Certificate, Certificate];
  /** Lists by path, before the load. */
  readonly inventory: ReadonlyMap<string, string>;
  /** Acknowledged before the backup began. */
  readonly early: readonly Certificate[];
  /** All that was ever acknowledged to the load, by id. */
  readonly acknowledged: ReadonlyMap<string, Certificate>;
  /** So many may have been issued without anybody hearing of it. */
  readonly inFlight: number;
  /** Of the last CRL that anybody saw. */
  readonly crlNumber: bigint;
}

export async function loseHost({ step }: Steps): Promise<Lost> {
  const place = newPlace();
  const elsewhere = newPlace(); // another machine: backups and backup key
  const [backups, key] = [join(elsewhere, "backups"), join(elsewhere, "backup-key")];
  const kek = join(place, "home", "kek");
  const create = ["backup", "create", "--to", backups, "--key", key];
  mkdirSync(backups);
  const host = await startHost(place);
  process.stdout.write(`        a host is ready in ${place}\n`);

  const issued = ["alpha", "bravo", "charlie"].map((name) => issue(host, `${name}.example.test`));
  const known = (await Promise.all(issued)) as unknown as Lost["known"];
  let inventory: Lost["inventory"] = new Map();
  await step("issue and revoke, and note what there is", async () => {
    await apiPost(host, "/owners", { kind: "team", name: "platform" });
    await revoke(host, known[0]);
    inventory = await inventoryOf(host);
    return `${known.length} certificates, ${inventory.size} other lists`;
  });

  const load = startLoad(host, clients);
  await step("make the backup key, once", async () => {
    await done(place, "backup", "create-key", "--key", key);
    const again = await trstctl(place, "backup", "create-key", "--key", key);
    check(again.code !== 0 && again.stderr.includes("already"), `a second key was made: ${again.stdout}`);
    return key;
  });

  await step("kill backups while they are written: nothing that looks like one is left", async () => {
    const delays = [150, 200, 250, 300, 350, 400];
    for (const ms of delays) await killedAfter(ms, place, ...create);
    const files = readdirSync(backups);
    const whole = files.filter((name) => name.endsWith(".backup"));
    for (const name of whole) await done(place, "backup", "verify", "--from", join(backups, name), "--key", key);
    return `${delays.length} killed: ${whole.length} were whole by then, ${files.length - whole.length} left a draft`;
  });

  let early: readonly Certificate[] = [];
  let backup = "";
  await step(`back up while ${clients} clients issue`, async () => {
    await pause(1000);
    early = [...load.acknowledged.values()];
    const report = await done(place, ...create);
    backup = String(report["file"]);
    const drafts = readdirSync(backups).filter((name) => !name.endsWith(".backup"));
    check(drafts.length === 0, `drafts are left: ${drafts.join(", ")}`);
    return `${early.length} certificates acknowledged before, ${load.acknowledged.size} after; ${String(report["items"])} items`;
  });

  await step("verify it, with the KEK", async () => {
    const report = await done(place, "backup", "verify", "--from", backup, "--key", key, "--kek", kek);
    check(report["keys_opened"] === true, "the keys were not opened");
    return `${String(report["keys"])} keys, ${String(report["journal_records"])} journal records`;
  });

  let crlNumber = 0n;
  await step("go on: issue, revoke, publish what will be lost", async () => {
    for (let n = 0; n < 3; n++) await revoke(host, await issue(host, "lost.example.test"));
    ({ crlNumber } = await standingOf(host, elsewhere, known[0]));
    return `the last CRL has number ${crlNumber}`;
  });

  await step("kill -9 under load, and destroy the data directory", async () => {
    // The supervisor first: it would start the others again.
    const { processes } = host;
    for (const pid of [processes.supervisor, processes.signer, processes.host]) process.kill(pid, "SIGKILL");
    await load.end();
    await host.stop();
    rmSync(join(place, "data"), { recursive: true, maxRetries: 10 });
    return `${load.acknowledged.size} were acknowledged`;
  });
  const { acknowledged } = load;
  return { backup, key, kek, known, inventory, early, acknowledged, inFlight: clients, crlNumber };
}
