import { atLeast, atMost, type Figure } from "../figure.ts";

/** CSR in, certificate out, event durable, 64 in flight over kept-alive TLS; the client works on the same machine. */
export const issueHttps: Figure = {
  name: "issue_https",
  title: "certificates issued a second over HTTPS, 64 in flight",
  async measure(session) {
    const windows = await session.issuing();
    const rates = windows.map(({ count, seconds }) => count / seconds);
    const { yardstick } = session;
    if (yardstick === undefined) throw new Error("the yardstick of this run is missing");
    return [
      { figure: "issue_https", unit: "1/s", goal: atLeast(2000), samples: rates },
      {
        figure: "issue_https_ratio",
        unit: "×",
        goal: atLeast(0.05),
        samples: rates.map((rate) => rate / yardstick),
      },
      { figure: "issue_https_p50", unit: "ms", samples: windows.map(({ p50Ms }) => p50Ms) },
      { figure: "issue_https_p99", unit: "ms", goal: atMost(100), samples: windows.map(({ p99Ms }) => p99Ms) },
      {
        figure: "issue_https_client_cpu",
        unit: "µs",
        samples: windows.map(({ clientCpuSeconds, count }) => (clientCpuSeconds / count) * 1e6),
      },
    ];
  },
};
