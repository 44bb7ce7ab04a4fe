/** Delivers what the log asked for: one line for each destination. */
import type { Delivery, Destination, Destinations } from "#events/outbox/destination";
import { createDispatcher } from "#events/outbox/dispatcher";
import { randomBytes } from "#shared/crypto/random";
import { type DestinationName, destinations } from "#shared/domain/outbox/destinations";
import { Failure } from "#shared/kernel/failure";
import { advanceRevocationJob } from "#shared/usecases/advance-revocation-job";
import { type Deps, systemCall } from "#shared/usecases/deps";
import { publishCrl, serialsOf } from "#shared/usecases/publish-crl";
import { rotateOcspResponder } from "#shared/usecases/rotate-ocsp-responder";
import type { FunctionDeps } from "../function.ts";

const deliveriesOf = (deps: Deps): Readonly<Record<DestinationName, Destination["deliver"]>> => ({
  "crl.publish": (delivery) =>
    publishCrl(deps, callOf(delivery), text(delivery, "issuer"), Number(delivery.payload["shard"]), {
      serials: serialsOf(delivery.payload),
    }),
  "revocation.advance": (delivery) =>
    advanceRevocationJob(deps, callOf(delivery), text(delivery, "job"), Number(delivery.payload["step"])),
  "ocsp.rotate": (delivery) => rotateOcspResponder(deps, callOf(delivery), text(delivery, "issuer")),
});

const destinationsOf = (deps: Deps): Destinations =>
  Object.fromEntries(
    Object.entries(deliveriesOf(deps)).map(([name, deliver]): [string, Destination] => [
      name,
      { deliver, ...(destinations[name as DestinationName].own && { own: true }) },
    ]),
  );

const callOf = ({ tenant, id }: Delivery) => systemCall(tenant, "outbox", id);

function text({ payload }: Delivery, name: string): string {
  const value = payload[name];
  if (typeof value !== "string") throw new Failure("unprocessable", `the effect has no ${name}`);
  return value;
}

export const createOutbox = (deps: FunctionDeps) =>
  createDispatcher({
    log: deps.log,
    tables: deps.tables,
    clock: deps.clock,
    destinations: destinationsOf(deps),
    random: () => (randomBytes(1)[0] ?? 0) / 256,
    onFailure: (delivery, error) => deps.report(error, { function: "outbox", ...delivery }),
  }).run;
