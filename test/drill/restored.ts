/** The host that comes back: is it the one that was lost, and does it go on. */
import { dirname, join } from "node:path";
import { apiGet } from "../bench/api.ts";
import { type RunningHost, startHost } from "../bench/host.ts";
import { done } from "./command-line.ts";
import { everything, inventoryOf } from "./inventory.ts";
import { type Certificate, issue, revoke } from "./load.ts";
import type { Lost } from "./original.ts";
import { standingOf } from "./relying-party.ts";
import { check, type Steps } from "./steps.ts";

/** @param place with the KEK, whose data directory is not there */
export async function restoreHost({ step }: Steps, place: string, lost: Lost): Promise<void> {
  const { backup, key } = lost;
  const began = performance.now();
  await step("restore", async () => {
    const report = await done(place, "restore", "--from", backup, "--to", join(place, "data"), "--key", key);
    return `as of ${String(report["taken_at"])}`;
  });
  let started: RunningHost | undefined;
  await step("start it", async () => {
    started = await startHost(place);
    return `${((performance.now() - began) / 1000).toFixed(1)} s from the beginning of the restore`;
  });
  if (started === undefined) return;
  const host = started;
  const shown = lost.known.map(({ id }) => apiGet<Certificate>(host, `/certificates/${id}`));
  const [alpha, , charlie] = (await Promise.all(shown)) as unknown as Lost["known"];

  await step("the inventory is that of the moment of the backup", () => sameInventory(host, lost));

  await step("the chain holds, the state is what the log gives, every signature has its event", async () => {
    await done(place, "audit", "verify");
    await done(place, "audit", "state");
    const report = await done(place, "audit", "reconcile");
    const restores = (await everything(host, "/audit/events")).filter(({ type }) => type === "tenant.restored");
    check(restores.length === 1, `the restore stands in the log ${restores.length} times`);
    return `${String(report["signatures"])} signatures, ${String(report["in_flight"])} in flight`;
  });

  await step("OCSP and CRL answer, and the CRL's number is above all that were lost", async () => {
    const revoked = await standingOf(host, place, alpha);
    const good = await standingOf(host, place, charlie);
    check(revoked.ocsp === "revoked" && revoked.onCrl, `the revoked one is ${revoked.ocsp}`);
    check(good.ocsp === "good" && !good.onCrl, `the good one is ${good.ocsp}`);
    check(good.crlNumber > lost.crlNumber, `number ${good.crlNumber} does not follow ${lost.crlNumber}`);
    return `number ${good.crlNumber} after ${lost.crlNumber}`;
  });

  await step("issue, revoke and back up again", async () => {
    const certificate = await issue(host, "again.example.test");
    check((await standingOf(host, place, certificate)).ocsp === "good", "the new one is not good");
    await revoke(host, certificate);
    const after = await standingOf(host, place, certificate);
    check(after.ocsp === "revoked" && after.onCrl, "the revocation is not known");
    const report = await done(place, "backup", "create", "--to", dirname(backup), "--key", key);
    return String(report["file"]);
  });
  await host.stop();
}

async function sameInventory(host: RunningHost, lost: Lost): Promise<string> {
  for (const [path, text] of await inventoryOf(host))
    check(text === lost.inventory.get(path), `${path} is not what it was`);
  const found = new Map((await everything(host, "/certificates")).map((item) => [String(item["id"]), item] as const));
  const before = [...lost.known, ...lost.early];
  for (const { id, fingerprint } of before)
    check(found.get(id)?.["fingerprint"] === fingerprint, `certificate ${id} is not there, or another one`);
  const given = new Set([...lost.acknowledged.keys(), ...before.map(({ id }) => id)]);
  const unheard = [...found.keys()].filter((id) => !given.has(id));
  check(unheard.length <= lost.inFlight, `${unheard.length} certificates that nobody was given`);
  return `${found.size} certificates: all ${before.length} of before, ${found.size - before.length} that came meanwhile`;
}
