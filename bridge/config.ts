/** Settings of the bridge: environment names, types, defaults, meaning. */
import * as z from "zod";

const port = (fallback: number) =>
  z.coerce
    .number({ error: "expected a port number" })
    .int()
    .min(0, "ports are 0 to 65535; 0 picks a free one")
    .max(65_535, "ports are 0 to 65535")
    .default(fallback);

export const bridgeConfig = z.object({
  TRSTCTL_BRIDGE_HOST: z.string().min(1).default("127.0.0.1").meta({ description: "address to listen on" }),
  TRSTCTL_BRIDGE_PORT: port(9443).meta({ description: "port of the agents, TLS" }),
  TRSTCTL_BRIDGE_HEALTH_PORT: port(9080).meta({ description: "port of the health check, plain HTTP" }),
  TRSTCTL_BRIDGE_DRAIN_SECONDS: z.coerce
    .number({ error: "expected a number of seconds" })
    .int()
    .min(0)
    .max(110, "Fargate ends a task after 120 seconds")
    .default(100)
    .meta({ description: "how long connections may go on after SIGTERM" }),
});
