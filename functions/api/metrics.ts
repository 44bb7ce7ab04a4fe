/** Prometheus text (behaviour §15). Labels are closed sets: routes come from the contract, never from the request. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { BoundDeps } from "../function.ts";

export interface ApiMetrics {
  observe(method: string, route: string, status: number, seconds: number): void;
  text(): Promise<string>;
  readonly contentType: string;
}

interface Gauges {
  readonly [name: string]: { readonly help: string; readonly value: () => number };
}

const gaugesOf = (deps: BoundDeps): Gauges => ({
  bulkhead_in_flight: { help: "API requests in work", value: deps.pool.inFlight },
  bulkhead_rejected_total: { help: "API requests shed", value: deps.pool.rejected },
  crl_seconds_to_next_update: {
    help: "Seconds until the first CRL or delta CRL runs out",
    value: () => (deps.watch.total().crlEndsMs - deps.clock.now()) / 1000,
  },
  ocsp_responder_seconds_to_end: {
    help: "Seconds until the first OCSP responder certificate ends",
    value: () => (deps.watch.total().responderEndsMs - deps.clock.now()) / 1000,
  },
  revocation_overdue: {
    help: "CRLs, delta CRLs and OCSP responders that were not renewed in time",
    value: () => deps.watch.total().overdue,
  },
  process_resident_memory_bytes: { help: "Resident memory", value: () => process.memoryUsage.rss() },
});

const methods = new Set(["GET", "POST", "PUT", "PATCH", "DELETE"]);

export function createApiMetrics(deps: BoundDeps): ApiMetrics {
  const registry = new Registry();
  const requests = new Counter({
    name: "trstctl_http_requests_total",
    help: "Requests answered",
    labelNames: ["method", "route", "status"],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: "trstctl_http_request_duration_seconds",
    help: "Time to answer",
    labelNames: ["route"],
    registers: [registry],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  });
  const protocols = new Counter({
    name: "trstctl_protocol_requests_total",
    help: "Requests of enrolment protocols and sign-ins answered",
    labelNames: ["protocol", "operation", "decision", "reason"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [labels, count] of deps.protocolRequests.all()) protocols.inc({ ...labels }, count);
    },
  });
  for (const [name, { help, value }] of Object.entries(gaugesOf(deps))) {
    new Gauge({
      name: `trstctl_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  }
  return {
    observe(method, route, status, elapsed) {
      requests.inc({ method: methods.has(method) ? method : "other", route, status });
      seconds.observe({ route }, elapsed);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
