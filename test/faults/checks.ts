/** What must be true when the dust has settled. */
import type { Api, Json } from "./api.ts";
import type { Injector } from "./injector.ts";
import type { Installation } from "./installation.ts";
import type { Certificate, Ledger } from "./ledger.ts";
import { pause, type Random } from "./random.ts";
import type { Records } from "./records.ts";
import type { RelyingParty } from "./revocation.ts";
import { lost, wrong } from "./violation.ts";

export interface Checked {
  readonly installation: Installation;
  readonly injector: Injector;
  readonly api: Api;
  readonly ledger: Ledger;
  readonly records: Records;
  readonly party: RelyingParty;
  readonly random: Random;
}

const settleMs = 20_000;
const sampled = 12;
/** The reconciler leaves what is younger than 60 s alone. */
const beyondGraceMs = 120_000;

/** After every round: the round's certificates and identities, and a sample of the older ones. */
export async function checkRound(checked: Checked): Promise<void> {
  const { ledger, random, records } = checked;
  await settled(checked);
  for (const { acknowledged, name, key } of ledger.mutations)
    if (acknowledged !== undefined && name !== undefined && records.certificates.get(name) !== "certificate.issued")
      lost(`${name} (key ${key}) was acknowledged, and the log has ${records.certificates.get(name) ?? "nothing"}`);
  for (const { name, opId } of records.unrecorded.values())
    if (name !== undefined && !ledger.abandoned.has(name))
      lost(`${name} was signed (${opId}) and answered for, and the log has no event of it`);
  const all = [...ledger.certificates.values()];
  const old = random.shuffled(all.filter(({ round }) => round !== ledger.round)).slice(0, sampled);
  const looked = [...all.filter(({ round }) => round === ledger.round), ...old];
  await checkCrl(checked, all);
  for (let at = 0; at < looked.length; at += 16)
    await Promise.all(looked.slice(at, at + 16).map((certificate) => checkCertificate(checked, certificate)));
  await checkIdentities(checked);
}

/** Every effect is delivered, every signature of an answered request has its event, no event is without signature. */
async function settled({ records, ledger }: Checked): Promise<void> {
  const until = Date.now() + settleMs;
  for (;;) {
    await records.read();
    const open = [...records.unrecorded.values()].filter(
      ({ name }) => name !== undefined && !ledger.abandoned.has(name),
    );
    if (records.pending.size === 0 && records.unjournalled.size === 0 && open.length === 0) return;
    if (Date.now() > until) break;
    await pause(40);
  }
  const [effect] = records.pending;
  if (effect !== undefined) lost(`effect ${effect[0]} (${effect[1]}) was not delivered within ${settleMs / 1000} s`);
  const [event] = records.unjournalled.values();
  if (event !== undefined) lost(`event ${event} speaks of a signature that the journal does not have`);
}

async function checkCertificate({ api, party, records }: Checked, certificate: Certificate): Promise<void> {
  const { id, serial, revoked, name } = certificate;
  const answer = await api.send("GET", `/certificates/${id}`);
  if (answer.status === 404) lost(`certificate ${id} (${name}) is not in the inventory`);
  const { status } = answer.json as { status: string };
  const isRevoked = status === "revoked";
  if (answer.status !== 200) wrong(`certificate ${id} is shown with ${answer.status}`);
  if (revoked === "yes" && !isRevoked) lost(`the revocation of ${id} was acknowledged, and it is ${status}`);
  if (revoked === "no" && isRevoked) wrong(`certificate ${id} is revoked, and nobody asked for that`);
  const heard = await party.ocsp(serial);
  if (heard !== (isRevoked ? "revoked" : "good")) wrong(`OCSP says ${heard} of ${id}, which is ${status}`);
  if (records.certificates.get(name) === undefined) lost(`the log has no event of ${name}`);
}

async function checkCrl({ party }: Checked, all: readonly Certificate[]): Promise<void> {
  const listed = await party.crl();
  for (const { id, serial, revoked } of all) {
    if (revoked === "yes" && !listed.has(serial)) lost(`the revocation of ${id} was acknowledged, and no CRL says so`);
    if (revoked === "no" && listed.has(serial)) wrong(`the CRL lists ${id}, and nobody asked for that`);
  }
}

async function checkIdentities({ api, ledger }: Checked): Promise<void> {
  for (const { id, states, round } of ledger.identities.values()) {
    if (round !== ledger.round) continue;
    const { status, json } = await api.send("GET", `/identities/${id}`);
    if (status === 404) lost(`identity ${id} was acknowledged, and is not there`);
    if (!states.includes(String((json as { status: string }).status)))
      lost(`identity ${id} was brought to ${states.join(" or ")}, and is ${json.status}`);
  }
}

/**
 * From time to time, with the clock past the reconciler's grace: what was signed and never committed is recorded and
 * revoked, the journal and the log agree, and the product's own verifications hold.
 */
export async function checkBooks(checked: Checked): Promise<void> {
  const { injector, installation, api, records, party } = checked;
  const before = injector.clock();
  injector.setClock(before + beyondGraceMs);
  try {
    // What the first one mends asks for CRLs, whose signatures may be on their way.
    for (const until = Date.now() + settleMs; ; await pause(50)) {
      const report: Json = await reconcile(api);
      if (report.clean === true && report.in_flight === 0) break;
      if (Date.now() > until) wrong(`audit reconcile is not clean: ${JSON.stringify(report).slice(0, 500)}`);
    }
  } finally {
    injector.setClock(before);
  }
  await settled(checked);
  const [left] = records.unrecorded.values();
  if (left !== undefined) lost(`signature ${left.opId} (${left.type}) was never recorded`);
  const { items }: Json = await api.get("/audit/events?limit=100&type=certificate.reconciled");
  const listed = await party.crl();
  for (const { data } of items) {
    const heard = await party.ocsp(data.serial);
    if (heard !== "revoked" || !listed.has(data.serial)) wrong(`orphan ${data.serial} is ${heard}, not revoked`);
  }
  for (const words of [
    ["audit", "verify"],
    ["audit", "state"],
  ]) {
    const { code, output } = await installation.run(words);
    if (code !== 0) wrong(`trstctl ${words.join(" ")} ends with ${code}: ${output.slice(0, 500)}`);
  }
}

async function reconcile(api: Api): Promise<Json> {
  const { status, json } = await api.send("POST", "/audit/reconcile", {}, `faults-${Math.random()}`);
  if (status !== 200) wrong(`audit reconcile: ${status} ${JSON.stringify(json)}`);
  return json as Json;
}
