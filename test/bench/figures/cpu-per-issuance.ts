import { atMost, type Figure } from "../figure.ts";
import type { IssueWindow } from "../issuing.ts";

/** User and system time of supervisor, host and signer for one certificate, in the windows of issue_https. */
export const cpuPerIssuance: Figure = {
  name: "cpu_per_issuance",
  title: "CPU for one issuance, all processes of the product",
  async measure(session) {
    const windows = await session.issuing();
    const each = (cpu: (window: IssueWindow) => number): number[] =>
      windows.map((window) => (cpu(window) / window.count) * 1e6);
    return [
      {
        figure: "cpu_per_issuance",
        unit: "µs",
        goal: atMost(600),
        samples: each(({ cpu }) => cpu.supervisor + cpu.host + cpu.signer),
      },
      { figure: "cpu_per_issuance_host", unit: "µs", samples: each(({ cpu }) => cpu.host) },
      { figure: "cpu_per_issuance_signer", unit: "µs", samples: each(({ cpu }) => cpu.signer) },
    ];
  },
};
