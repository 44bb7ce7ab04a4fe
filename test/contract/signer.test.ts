/** The contract of the port Signer on the socket of one machine, and on a function over a table. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dynamoItems } from "#shared/adapters/aws/items";
import { lambdaSigner } from "#shared/adapters/aws/signer";
import { connectSigner } from "#signer/client/signer-client";
import { serveSigner } from "#signer/server";
import { openFleet } from "#test/signer/fleet";
import { inProcessLambda } from "#test/signer/lambda";
import { openWorkshop } from "#test/signer/workshop";
import { startDynamo } from "./dynamo.ts";
import { signerContract } from "./signer-contract.ts";

signerContract("the socket", async () => {
  const workshop = await openWorkshop();
  const directory = mkdtempSync(join(tmpdir(), "trstctl-s-"));
  const server = await serveSigner(workshop.service, join(directory, "s"));
  const signer = connectSigner(join(directory, "s"));
  return {
    signer,
    clock: workshop.clock,
    flush: () => workshop.service.flush(),
    async close() {
      signer.close();
      server.close();
      rmSync(directory, { recursive: true });
      await workshop[Symbol.asyncDispose]();
    },
  };
});

signerContract("functions over DynamoDB, each call by another environment", async () => {
  const dynamo = await startDynamo();
  const clock = { now: () => Date.now() };
  const fleet = openFleet({ clock, items: dynamoItems({ client: dynamo.client, tableName: dynamo.tables.core }) });
  const environments = Array.from({ length: 3 }, () => fleet.start());
  const lambda = inProcessLambda(environments);
  return {
    signer: lambdaSigner({ functionName: "trstctl-signer", client: lambda }),
    clock,
    flush: async () => {
      for (const service of environments) await service.flush();
    },
    close: () => dynamo.stop(),
  };
});
