/** Disaster recovery, really done: docs/dr.md says what for. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { apiGet, apiPost } from "../bench/api.ts";
import { newPlace, type RunningHost, startHost } from "../bench/host.ts";
import { done, killedAfter, trstctl } from "./command-line.ts";
import { damagedAttempts } from "./damage.ts";
import { type Certificate, issue, type Load, startLoad } from "./load.ts";
import { standingOf } from "./relying-party.ts";
import { check, createSteps } from "./steps.ts";

const clients = 8;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function formatIn(data: string): unknown {
  const path = join(data, "trstctl.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as { format?: unknown }).format : undefined;
}

interface Page {
  readonly items: readonly Record<string, unknown>[];
  readonly next_cursor: string | null;
}

async function everything(host: RunningHost, path: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: Page = await apiGet(host, `${path}?limit=100${cursor === "" ? "" : `&cursor=${cursor}`}`);
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
}

const lists = ["/issuers", "/owners", "/profiles", "/identities", "/access/members"];

const revoke = (host: RunningHost, { id }: Certificate): Promise<Certificate> =>
  apiPost(host, `/certificates/${id}/revoke`, { reason: "keyCompromise" });

export async function drill(): Promise<boolean> {
  const { step, end } = createSteps();
  const place = newPlace();
  const kept = newPlace(); // another machine: backups and keys
  const kek = join(place, "home", "kek");
  const [backups, key] = [join(kept, "backups"), join(kept, "backup-key")];
  mkdirSync(backups);
  const first = await startHost(place);
  process.stdout.write(`        a host is ready in ${place}\n`);
  const create = ["backup", "create", "--to", backups, "--key", key];
  const files = (): string[] => readdirSync(backups);

  let known: Certificate[] = [];
  let before = new Map<string, unknown>();
  await step("issue and revoke, and note what there is", async () => {
    await apiPost(first, "/owners", { kind: "team", name: "platform" });
    for (const name of ["alpha", "bravo", "charlie"]) known.push(await issue(first, `${name}.example.test`));
    const [alpha] = known;
    if (alpha !== undefined) await revoke(first, alpha);
    before = new Map(await Promise.all(lists.map(async (path) => [path, await everything(first, path)] as const)));
    return `${known.length} certificates, ${[...before.values()].flat().length} other things`;
  });

  const load: Load = startLoad(first, clients);
  let early: Certificate[] = [];
  await step("make the backup key, once", async () => {
    await done(place, "backup", "create-key", "--key", key);
    const again = await trstctl(place, "backup", "create-key", "--key", key);
    check(again.code !== 0 && again.stderr.includes("already"), `a second key was made: ${again.stdout}`);
    return key;
  });

  await step("kill backups while they are written: nothing that looks like one is left", async () => {
    for (const ms of [150, 200, 250, 300, 350, 400]) await killedAfter(ms, place, ...create);
    const complete = files().filter((name) => name.endsWith(".backup"));
    for (const name of complete) await done(place, "backup", "verify", "--from", join(backups, name), "--key", key);
    return `6 killed: ${complete.length} were whole by then, ${files().length - complete.length} left a draft`;
  });

  let backup = "";
  await step(`back up while ${clients} clients issue`, async () => {
    await pause(1000);
    early = [...load.acknowledged.values()];
    const report = await done(place, ...create);
    backup = String(report["file"]);
    check(
      files().every((name) => name.endsWith(".backup")),
      `drafts are left: ${files().join(", ")}`,
    );
    return `${early.length} certificates were acknowledged before, ${load.acknowledged.size} after; ${String(report["items"])} items`;
  });

  await step("verify it, with the KEK", async () => {
    const report = await done(place, "backup", "verify", "--from", backup, "--key", key, "--kek", kek);
    check(report["keys_opened"] === true, "the keys were not opened");
    return `${String(report["keys"])} keys, ${String(report["journal_records"])} journal records`;
  });

  let lastNumber = 0n;
  await step("go on: issue, revoke, publish what will be lost", async () => {
    for (let n = 0; n < 3; n++) await revoke(first, await issue(first, "lost.example.test"));
    lastNumber = (await standingOf(first, kept, known[0] as Certificate)).crlNumber;
    return `the last CRL has number ${lastNumber}`;
  });

  await step("kill -9 under load, and destroy the data directory", async () => {
    const { supervisor, signer, host } = first.processes;
    for (const pid of [supervisor, signer, host]) process.kill(pid, "SIGKILL");
    await load.end();
    await first.stop();
    rmSync(join(place, "data"), { recursive: true, maxRetries: 10 });
    return `${load.acknowledged.size} were acknowledged`;
  });

  const [machine, other, none] = [newPlace(), newPlace(), newPlace()];
  copyFileSync(kek, join(machine, "home", "kek"));
  const target = join(machine, "data");
  const foreign = await startHost(other);
  await foreign.stop();
  const scratch = newPlace();
  const places = { scratch, other, none, target, full: foreign.dataDirectory };
  for (const { what, words, place: at = machine, says } of damagedAttempts(backup, key, places))
    await step(`refuse a restore ${what}`, async () => {
      const { code, stdout, stderr } = await trstctl(at, ...words);
      check(code === 1 && says.test(stderr), `it ended with ${code}: ${stdout}${stderr}`);
      check(!existsSync(target), "something was written");
      return (
        stderr
          .replace(/^trstctl: /, "")
          .split("\n")[0]
          ?.replaceAll(scratch, "…")
          .replaceAll(kept, "…") ?? ""
      );
    });

  const restoring = ["restore", "--from", backup, "--to", target, "--key", key];
  await step("kill restores while they write: none is taken for a data directory", async () => {
    let [early, half] = [0, 0];
    for (let ms = 150; ; ms += 60) {
      await killedAfter(ms, machine, ...restoring);
      const format = formatIn(target);
      if (format === undefined) early++;
      else if (format === "trstctl-restoring/1") {
        if (half++ > 0) continue;
        const { code, stderr } = await trstctl(machine, "up");
        check(code === 1 && stderr.includes("unfinished restore"), `a start on it ended with ${code}: ${stderr}`);
      } else break; // this one was done
    }
    rmSync(target, { recursive: true });
    return `${early} were killed before they wrote, ${half} half-way and begun again`;
  });

  let restoredAt = 0;
  await step("restore", async () => {
    restoredAt = performance.now();
    const report = await done(machine, ...restoring);
    return `as of ${String(report["taken_at"])}`;
  });

  let second: RunningHost | undefined;
  await step("start it", async () => {
    second = await startHost(machine);
    return `${((performance.now() - restoredAt) / 1000).toFixed(1)} s from the beginning of the restore`;
  });
  if (second === undefined) return end();
  const host = second;
  known = await Promise.all(known.map(({ id }) => apiGet<Certificate>(host, `/certificates/${id}`)));

  await step("the inventory is that of the moment of the backup", async () => {
    for (const path of lists) {
      const now = JSON.stringify(await everything(host, path));
      check(now === JSON.stringify(before.get(path)), `${path} is not what it was`);
    }
    const found = new Map((await everything(host, "/certificates")).map((item) => [item["id"], item] as const));
    for (const { id, fingerprint } of [...known, ...early])
      check(found.get(id)?.["fingerprint"] === fingerprint, `certificate ${id} is not there, or another one`);
    const unknown = [...found.keys()].filter(
      (id) => !load.acknowledged.has(String(id)) && !known.some((certificate) => certificate.id === id),
    );
    check(unknown.length <= clients, `${unknown.length} certificates that nobody was given`);
    return `${found.size} certificates: all ${early.length + known.length} of before, ${found.size - early.length - known.length} that came meanwhile`;
  });

  await step("the chain holds, the state is what the log gives, every signature has its event", async () => {
    await done(machine, "audit", "verify");
    await done(machine, "audit", "state");
    const report = await done(machine, "audit", "reconcile");
    const restores = (await everything(host, "/audit/events")).filter(({ type }) => type === "tenant.restored");
    check(restores.length === 1, `the restore stands in the log ${restores.length} times`);
    return `${String(report["signatures"])} signatures, ${String(report["in_flight"])} in flight`;
  });

  await step("OCSP and CRL answer, and the CRL's number is above all that were lost", async () => {
    const [alpha, , charlie] = known as [Certificate, Certificate, Certificate];
    const revoked = await standingOf(host, machine, alpha);
    const good = await standingOf(host, machine, charlie);
    check(revoked.ocsp === "revoked" && revoked.onCrl, `the revoked one is ${JSON.stringify(revoked.ocsp)}`);
    check(good.ocsp === "good" && !good.onCrl, `the good one is ${JSON.stringify(good.ocsp)}`);
    check(good.crlNumber > lastNumber, `number ${good.crlNumber} does not follow ${lastNumber}`);
    return `number ${good.crlNumber} after ${lastNumber}`;
  });

  await step("issue, revoke and back up again", async () => {
    const certificate = await issue(host, "again.example.test");
    check((await standingOf(host, machine, certificate)).ocsp === "good", "the new one is not good");
    await revoke(host, certificate);
    const after = await standingOf(host, machine, certificate);
    check(after.ocsp === "revoked" && after.onCrl, "the revocation is not known");
    const report = await done(machine, ...create);
    return String(report["file"]).replace(kept, "…");
  });
  await host.stop();
  return end();
}
