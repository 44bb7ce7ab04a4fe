// temporary A/B: node zz-ab.mjs rootA[,flags] rootB[,flags] ... interleaved windows
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startGenerator } from "./load/generator.ts";
import { issueJob } from "./issuing.ts";
import { cpuSeconds } from "./process-usage.ts";
const W = Number(process.env.WINDOWS ?? 6), count = Number(process.env.COUNT ?? 4000);
async function start(spec) {
  const [root, ...flags] = spec.split(",");
  const envs = Object.fromEntries(flags.filter((f) => !f.startsWith("-")).map((f) => f.split("=")));
  const place = mkdtempSync("/tmp/tprof-");
  for (const d of ["data", "data/host", "data/signer", "data/cli", "data/run"]) mkdirSync(join(place, d), { mode: 0o700 });
  const env = { PATH: process.env.PATH, HOME: place, TRSTCTL_RUNTIME_VERIFIED: process.execPath, ...envs };
  const signer = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(root, "signer/main.ts")], { stdio: ["pipe", "ignore", "inherit"], env: { ...env, TRSTCTL_SIGNER_DIR: join(place, "data/signer"), TRSTCTL_SIGNER_SOCKET: join(place, "data/run/signer.sock"), TRSTCTL_KEK_FILE: join(place, "kek") } });
  const host = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...flags.filter((f) => f.startsWith("-")), join(root, "infra/local/host.ts")], { stdio: ["pipe", "pipe", "inherit"], env: { ...env, TRSTCTL_MODE: "up", TRSTCTL_DATA_DIR: join(place, "data"), TRSTCTL_KEK_FILE: join(place, "kek"), TRSTCTL_HTTPS_PORT: "0", TRSTCTL_HTTP_PORT: "0", TRSTCTL_RATE_PER_MINUTE: "1000000000", TRSTCTL_RATE_BURST: "1000000000" } });
  const facts = JSON.parse(await new Promise((r) => host.stdout.once("data", (d) => r(String(d).split("\n")[0]))));
  const profile = JSON.parse(readFileSync(join(place, "data/cli/profile.json"), "utf8"));
  return { spec, place, signer, host, running: { profile, revocationUrl: facts.revocationUrl, processes: { host: host.pid, signer: signer.pid } }, rate: [], h: [], s: [], p99: [] };
}
const sides = []; for (const spec of process.argv.slice(2)) sides.push(await start(spec));
const g = await startGenerator();
const med = (a) => [...a].sort((x, y) => x - y)[a.length >> 1];
for (const x of sides) { await g.prepare(issueJob(x.running, 5000)); await g.run(); }
for (let n = 0; n < W; n++) for (const x of n % 2 ? [...sides].reverse() : sides) {
  await g.prepare(issueJob(x.running, count));
  const h = cpuSeconds(x.host.pid), s = cpuSeconds(x.signer.pid);
  const r = await g.run();
  x.rate.push(count / r.seconds); x.p99.push(r.p99Ms); x.h.push((cpuSeconds(x.host.pid) - h) / count * 1e6); x.s.push((cpuSeconds(x.signer.pid) - s) / count * 1e6);
}
for (const x of sides) console.log(x.spec.padEnd(50), "rate", med(x.rate).toFixed(0), "max", Math.max(...x.rate).toFixed(0), "host", med(x.h).toFixed(0), "min", Math.min(...x.h).toFixed(0), "signer", med(x.s).toFixed(0), "p99", med(x.p99).toFixed(0));
await g.stop();
for (const x of sides) { const d = new Promise((r) => x.host.once("exit", r)); x.host.kill("SIGTERM"); await d; const sd = new Promise((r) => x.signer.once("exit", r)); x.signer.kill("SIGTERM"); await sd; rmSync(x.place, { recursive: true }); }
