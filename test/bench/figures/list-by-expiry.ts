import { encodeCursor } from "#shared/http/cursor";
import { atMost, type Figure } from "../figure.ts";

const limit = 50;
const spreadMs = 75 * 86_400_000;

/** Pages of 50 from anywhere in the list of the populated host, one request at a time. */
export const listByExpiry: Figure = {
  name: "list_by_expiry_p99",
  title: "p99 of a page of 50 certificates by expiry",
  async measure(session) {
    const host = await session.populatedHost();
    const generator = await session.generator();
    const { port } = new URL(host.profile.url);
    const p99: number[] = [];
    const p50: number[] = [];
    for (let n = 0; n < (session.quick ? 1 : 5); n++) {
      await generator.prepare({
        target: { protocol: "https", port: Number(port), ca: host.profile.ca },
        requests: { kind: "list", token: host.profile.token, limit, cursors: Array.from({ length: 500 }, cursor) },
        count: session.quick ? 50 : 500,
        inFlight: 1,
      });
      const outcome = await generator.run();
      p99.push(outcome.p99Ms);
      p50.push(outcome.p50Ms);
    }
    return [
      { figure: "list_by_expiry_p99", unit: "ms", goal: atMost(15), samples: p99 },
      { figure: "list_by_expiry_p50", unit: "ms", samples: p50 },
    ];
  },
};

/** Somewhere in the list, as `next_cursor` would name it: the sort text of the view begins with the end of validity. */
const cursor = (): string =>
  encodeCursor("certificate expires", `${new Date(Date.now() + Math.random() * spreadMs).toISOString()}#`) ?? "";
