import { Agent } from "node:https";
import { encodeCursor } from "#shared/http/cursor";
import { apiGet } from "../api.ts";
import { atMost, type Figure, type Line } from "../figure.ts";
import type { RunningHost } from "../host.ts";
import { percentile } from "../load/outcome.ts";

/** What keeps a page from feeling immediate; a list of 50 has 15 ms (`list_by_expiry_p99`). */
const goal = atMost(100);

const page = "limit=100";
const day = 86_400_000;

interface Listed {
  readonly items: readonly { readonly id: string; readonly serial: string }[];
}

/** Every list, filter, order and search that the console asks for, at a host with the inventory: one at a time, p99. */
export const consoleAnswers: Figure = {
  name: "console_answers",
  title: "p99 of every answer that the console asks for, with many certificates",
  async measure(session) {
    const host = await session.inventoryHost();
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: host.profile.ca });
    try {
      const lines: Line[] = [];
      for (const [name, path] of await questions(host)) {
        const times = new Float64Array(session.quick ? 3 : 200);
        for (let n = -5; n < times.length; n++) {
          const started = performance.now();
          await apiGet(host, path, agent);
          if (n >= 0) times[n] = performance.now() - started;
        }
        times.sort();
        process.stderr.write(`console: ${name}: p50 ${percentile(times, 0.5).toFixed(1)} ms\n`);
        lines.push({ figure: name, unit: "ms", goal, samples: [percentile(times, 0.99)] });
      }
      const all = lines.map(({ samples: [p99 = 0] }) => p99);
      return [{ figure: "console_answers", unit: "ms", goal, samples: [Math.max(...all)] }, ...lines];
    } finally {
      agent.destroy();
    }
  },
};

async function questions(host: RunningHost): Promise<readonly (readonly [name: string, path: string])[]> {
  const { items: some } = await apiGet<Listed>(host, "/certificates?limit=1&status=active");
  const { items: issuers } = await apiGet<Listed>(host, "/issuers?limit=100");
  const [one] = some;
  if (one === undefined) throw new Error("there is no certificate to ask about");
  const behind = (days: number): string =>
    `cursor=${encodeCursor("certificate expires", `${new Date(Date.now() + days * day).toISOString()}#`) ?? ""}`;
  const filters: readonly (readonly [string, string])[] = [
    ["beginning", ""],
    ["middle", behind(50)],
    ["near_the_end", behind(85)],
    ["last_to_expire", "sort=-expires"],
    ...["active", "superseded", "revoked", "expired"].flatMap((status): [string, string][] => [
      [status, `status=${status}`],
      [`${status}_last`, `status=${status}&sort=-expires`],
    ]),
    ["q_beginning", "q=c0001"],
    ["q_domain_of_all", "q=example.test"],
    ["q_domain_of_all_revoked", "q=example.test&status=revoked"],
    ["q_nothing", "q=zz.example.test"],
    ["q_serial", `q=${one.serial}`],
    ["issuer", `issuer_id=${issuers.at(-1)?.id ?? ""}`],
    ["profile_rare", "profile=retired-fleet"],
    ["profile_none", "profile=nobody"],
    ["owner_none", "owner_id=nobody"],
    ["protocol_none", "protocol=cmp&status=active&sort=-expires"],
    ["within_30_days", `status=active&expiring_before=${new Date(Date.now() + 30 * day).toISOString()}`],
  ];
  const other: readonly (readonly [string, string])[] = [
    ["certificate", `/certificates/${one.id}`],
    ["summary", "/certificates/summary"],
    ["status", "/status"],
    ["changes", "/status/changes"],
    ["audit", `/audit/events?${page}`],
    ["audit_rare_type", `/audit/events?${page}&type=profile.version-created`],
    ...[
      "identities",
      "owners",
      "profiles",
      "issuers",
      "outbox",
      "revocations",
      "enrolment-endpoints",
      "access/api-tokens",
    ].map((list): [string, string] => [list.replace("/", "_"), `/${list}?${page}`]),
  ];
  return [
    ...filters.map(([name, query]): [string, string] => [`list_${name}`, `/certificates?${page}&${query}`]),
    ...other,
  ].map(([name, path]) => [`answer_${name}`, path.replace(/&$/, "")]);
}
