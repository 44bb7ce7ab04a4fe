import { spawnSync } from "node:child_process";
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { type Figure, median } from "../figure.ts";

/** P-256 signatures a second in one thread: what this machine gives at this hour. Rates are read against it. */
export const yardstick: Figure = {
  name: "yardstick",
  title: "P-256 signatures a second, one thread: Node, beside openssl speed",
  async measure(session) {
    const repetitions = session.quick ? 1 : 3;
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const data = randomBytes(600); // about a TBSCertificate
    // By the CPU time of this thread, as openssl speed counts: what else the machine does must not make us look better.
    const signFor = (seconds: number): number => {
      const started = process.threadCpuUsage();
      let count = 0;
      let elapsed = 0;
      do {
        for (let n = 0; n < 200; n++) sign("sha256", data, privateKey);
        count += 200;
        const { user, system } = process.threadCpuUsage(started);
        elapsed = (user + system) / 1e6;
      } while (elapsed < seconds);
      return count / elapsed;
    };
    signFor(0.1);
    const node: number[] = [];
    const openssl: number[] = [];
    for (let n = 0; n < repetitions; n++) {
      node.push(signFor(session.quick ? 0.3 : 1));
      openssl.push(opensslSpeed());
    }
    session.yardstick = median(node);
    return [
      { figure: "yardstick", unit: "1/s", samples: node },
      { figure: "yardstick_openssl", unit: "1/s", samples: openssl },
    ];
  },
};

/** @throws when openssl is missing or says something else */
function opensslSpeed(): number {
  const { stdout, error } = spawnSync("openssl", ["speed", "-seconds", "1", "ecdsap256"], { encoding: "utf8" });
  if (error) throw error;
  const [, rate] = /\(nistp256\)\s+\S+\s+\S+\s+([\d.]+)\s+[\d.]+/.exec(stdout) ?? [];
  if (rate === undefined) throw new Error(`openssl speed says no rate: ${stdout.slice(-300)}`);
  return Number(rate);
}
