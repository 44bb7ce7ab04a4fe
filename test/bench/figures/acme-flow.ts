import { startDnsServer } from "#test/dns/server";
import { type Challenges, openChallenges, openFlow } from "../acme/flow.ts";
import { startOwnAcme } from "../acme/own.ts";
import { startPebble } from "../acme/pebble.ts";
import type { AcmeServer } from "../acme/server.ts";
import { startStepCa } from "../acme/step-ca.ts";
import { atLeast, type Figure, median } from "../figure.ts";

const clients = 32;

interface Length {
  readonly warmUp: number;
  readonly windows: number;
  readonly count: number;
}

/**
 * New order, finalize, download, over 32 kept-alive connections; authorizations are reused where the server does that, and
 * proven by http-01 each time where it does not (step-ca). The client and what it proves with work on the same machine.
 */
export const acmeFlow: Figure = {
  name: "acme_flow",
  title: "certificates enrolled a second by ACME, 32 clients",
  async measure({ quick }) {
    const length = quick ? { warmUp: 32, windows: 1, count: 100 } : { warmUp: 500, windows: 5, count: 1500 };
    await using challenges = await openChallenges();
    const dns = await startDnsServer({ everyName: "127.0.0.1" });
    try {
      const own = await measured(await startOwnAcme(challenges.port, dns.address), challenges, length);
      const step = await measured(await startStepCa(challenges.port), challenges, length);
      const pebble = await measured(await startPebble(challenges.port, dns.address), challenges, length);
      const beside = median(step.map(({ rate }) => rate));
      const ofOwn = (name: string, unit: string, value: (window: Window) => number) => ({
        figure: `acme_flow_${name}`,
        unit,
        samples: own.map(value),
      });
      return [
        { figure: "acme_flow", unit: "1/s", goal: atLeast(250), samples: own.map(({ rate }) => rate) },
        {
          figure: "acme_flow_to_step_ca",
          unit: "×",
          goal: atLeast(1.5),
          samples: own.map(({ rate }) => rate / beside),
        },
        { figure: "acme_flow_step_ca", unit: "1/s", samples: step.map(({ rate }) => rate) },
        { figure: "acme_flow_pebble", unit: "1/s", samples: pebble.map(({ rate }) => rate) },
        ofOwn("p50", "ms", ({ p50Ms }) => p50Ms),
        ofOwn("p99", "ms", ({ p99Ms }) => p99Ms),
        ofOwn("server_cpu", "µs", ({ serverCpu }) => serverCpu),
        ofOwn("client_cpu", "µs", ({ clientCpu }) => clientCpu),
      ];
    } finally {
      await dns.stop();
    }
  },
};

interface Window {
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** µs for each certificate: host and signer, where they are ours; the client. */
  readonly serverCpu: number;
  readonly clientCpu: number;
}

async function measured(
  server: AcmeServer,
  challenges: Challenges,
  { warmUp, windows, count }: Length,
): Promise<Window[]> {
  try {
    // step-ca asks the system's resolver, which knows one name.
    const names = Array.from({ length: clients }, (_, n) => (server.oneName ? "localhost" : `c${n}.bench.test`));
    const flow = await openFlow(server, names, challenges);
    await flow.run(warmUp);
    const done: Window[] = [];
    const each = (seconds: number): number => (seconds / count) * 1e6;
    for (let window = 0; window < windows; window++) {
      const before = server.cpuSeconds?.() ?? 0;
      const { seconds, p50Ms, p99Ms, clientCpuSeconds } = await flow.run(count);
      const serverCpu = each((server.cpuSeconds?.() ?? 0) - before);
      done.push({ rate: count / seconds, p50Ms, p99Ms, serverCpu, clientCpu: each(clientCpuSeconds) });
    }
    flow.close();
    return done;
  } catch (error) {
    throw new Error(`${server.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    await server.stop();
  }
}
