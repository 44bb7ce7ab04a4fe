// temporary: profile host by hand. usage: node zz-prof.mjs <outdir> <kind> <count> [extra host flags...]
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startGenerator } from "./load/generator.ts";
import { issueJob } from "./issuing.ts";
import { cpuSeconds } from "./process-usage.ts";
const [out, kind, countText, ...flags] = process.argv.slice(2);
const count = Number(countText);
const place = mkdtempSync("/tmp/tprof-");
for (const d of ["data", "data/host", "data/signer", "data/cli", "data/run"]) mkdirSync(join(place, d), { mode: 0o700 });
const env = { PATH: process.env.PATH, HOME: place, TRSTCTL_RUNTIME_VERIFIED: process.execPath };
const root = process.env.ROOT;
const signer = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...(process.env.SIGNER_PROF ? ["--cpu-prof", `--cpu-prof-dir=${out}`, "--cpu-prof-name=signer.cpuprofile"]:[]), join(root, "signer/main.ts")], { stdio: ["pipe", "inherit", "inherit"], env: { ...env, TRSTCTL_SIGNER_DIR: join(place, "data/signer"), TRSTCTL_SIGNER_SOCKET: join(place, "data/run/signer.sock"), TRSTCTL_KEK_FILE: join(place, "kek") } });
const host = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...flags, join(root, "infra/local/host.ts")], { stdio: ["pipe", "pipe", "inherit"], env: { ...env, TRSTCTL_MODE: "up", TRSTCTL_DATA_DIR: join(place, "data"), TRSTCTL_KEK_FILE: join(place, "kek"), TRSTCTL_HTTPS_PORT: "0", TRSTCTL_HTTP_PORT: "0", TRSTCTL_RATE_PER_MINUTE: "1000000000", TRSTCTL_RATE_BURST: "1000000000" } });
const facts = JSON.parse(await new Promise((r) => host.stdout.once("data", (d) => r(String(d).split("\n")[0]))));
const profile = JSON.parse(readFileSync(join(place, "data/cli/profile.json"), "utf8"));
const running = { profile, revocationUrl: facts.revocationUrl, processes: { host: host.pid, signer: signer.pid } };
const g = await startGenerator();
await g.prepare(issueJob(running, 3000)); await g.run();
const windows = Number(process.env.WINDOWS ?? 4);
for (let n = 0; n < windows; n++) {
  await g.prepare(issueJob(running, count));
  const h = cpuSeconds(host.pid), s = cpuSeconds(signer.pid);
  const r = await g.run();
  console.log(Math.round(count / r.seconds), "/s p50", r.p50Ms.toFixed(1), "p99", r.p99Ms.toFixed(1), "host", Math.round((cpuSeconds(host.pid) - h) / count * 1e6), "signer", Math.round((cpuSeconds(signer.pid) - s) / count * 1e6), "client", Math.round(r.clientCpuSeconds / count * 1e6));
}
await g.stop();
const done = new Promise((r) => host.once("exit", r));
host.kill("SIGTERM"); await done;
const sd = new Promise((r) => signer.once("exit", r)); signer.kill("SIGTERM"); await sd;
rmSync(place, { recursive: true });
