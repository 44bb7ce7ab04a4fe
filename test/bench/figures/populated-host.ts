import { setTimeout as wait } from "node:timers/promises";
import { atLeast, atMost, type Figure, median } from "../figure.ts";
import { issueWindow } from "../issuing.ts";
import { memoryLines } from "../memory.ts";

/** What many certificates cost: start, memory, and the rate of issuance beside that of an empty host, in turns. */
export const populatedHost: Figure = {
  name: "populated_start",
  title: "start, memory and rate of issuance with many certificates",
  async measure(session) {
    const { quick, certificates } = session;
    const full = await session.populatedHost();
    await wait(quick ? 500 : 30_000);
    const memory = memoryLines("populated_memory", atMost(350), full.processes);
    const empty = await session.host();
    const size = quick ? 200 : 4_000;
    const rates: number[] = [];
    const emptyRates: number[] = [];
    for (let n = quick ? 1 : 0; n < (quick ? 2 : 6); n++) {
      const there = await issueWindow(session, full, size);
      const here = await issueWindow(session, empty, size);
      if (n === 0) continue; // compilers are cold
      rates.push(size / there.seconds);
      emptyRates.push(size / here.seconds);
    }
    return [
      { figure: "populated_start", unit: "s", samples: [full.secondsToReady] },
      { figure: "populated_certificates", unit: "", samples: [certificates] },
      ...memory,
      { figure: "populated_issue_https", unit: "1/s", samples: rates },
      {
        figure: "populated_to_empty",
        unit: "×",
        goal: atLeast(0.9),
        samples: rates.map((rate, n) => rate / (emptyRates[n] ?? median(emptyRates))),
      },
    ];
  },
};
