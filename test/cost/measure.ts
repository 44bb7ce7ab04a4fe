/** What each operation of the product asks of AWS, counted on the product itself over the DynamoDB adapters. */
import { createApi } from "#functions/api/app";
import { createDuties } from "#functions/clock/app";
import { createRest } from "#functions/clock/rest";
import type { BoundDeps } from "#functions/function";
import { wakeNames, wakeSources } from "#functions/lambda/wake-sources";
import { createProjections } from "#functions/projections/app";
import { createRevocationApp } from "#functions/revocation/app";
import { createOutbox } from "#functions/outbox/app";
import { bearerAuthentication } from "#shared/http/bearer";
import { sequence } from "#shared/pki/der/writer";
import { certIdFor } from "#shared/pki/ocsp";
import { pemEncode } from "#shared/pki/pem";
import { issuerMaterial } from "#shared/usecases/issuer-material";
import { existing } from "#shared/usecases/load";
import { authenticateToken, mintToken } from "#shared/usecases/tokens";
import { csrFor } from "#test/acme/csr";
import { newClient } from "#test/acme/client";
import { directoryOf, openAcmeHouse, origin, tenant } from "#test/acme/house";
import { adminCall, newCsr, revocationBaseUrl } from "#test/in-process/house";
import { openCostStorage, signatureMeter } from "./house.ts";
import type { Write } from "./meter.ts";

export interface Measured {
  /** HTTP requests at the front. */
  readonly http: number;
  readonly requests: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Signatures of which the CA key's are calls of KMS where that holds it. */
  readonly signatures: number;
  readonly journalUnits: number;
  readonly messages: number;
  /** By name; the router's are batched, here one for each message. */
  readonly functions: Readonly<Record<string, number>>;
  readonly writes: readonly Write[];
  /** What the endpoint said of the same calls. */
  readonly reported: { readonly writeUnits: number; readonly readUnits: number } | undefined;
}

export const operations = {
  apiIssuance: "certificate over the API, one name",
  apiIssuanceThreeNames: "certificate over the API, three names",
  acmeIssuance: "certificate over ACME, one name, http-01, account known",
  revocation: "revocation, with its CRL and delta",
  ocspMiss: "OCSP answer signed on demand",
  ocspHit: "OCSP answer at the function, signed before",
  idleMinute: "the clock sees to one tenant, and nothing is due",
  restingMinute: "the clock looks at one tenant, which is at rest",
} as const;

export type Operation = keyof typeof operations;

/** Operations are repeated until each lane has been written, so that none founds a tenant's lane; the dearest counts. */
const rounds = 12;

export async function measure(): Promise<Readonly<Record<Operation, Measured>>> {
  const storage = await openCostStorage();
  let signatures = undefined as unknown as ReturnType<typeof signatureMeter>;
  const signed = (own: BoundDeps): Partial<BoundDeps> => {
    signatures = signatureMeter(own.signer, tenant);
    return { signer: signatures.signer };
  };
  await using acme = await openAcmeHouse(signed, "web", storage.storageOf);
  const deps: BoundDeps = {
    ...acme.deps,
    revocationHostnames: new Set(["localhost"]),
    authenticate: bearerAuthentication((token) => authenticateToken(acme.deps, token)),
  };
  const { token } = await mintToken(deps, adminCall(tenant), { subject: "x", scopes: ["*"], expiresAt: undefined });
  const app = createApi(deps);
  const wakes: Readonly<Record<string, (of: string) => Promise<unknown>>> = {
    projections: createProjections(deps),
    outbox: createOutbox(deps),
    "acme-validating": () => acme.validate(),
  };
  let http = 0;
  let front: Record<string, number> = {};
  const asked = (name: string) => {
    http++;
    front[name] = (front[name] ?? 0) + 1;
  };

  /** Runs the work, then each function that what was written rings for, once. */
  async function metered(work: () => Promise<void>): Promise<Measured> {
    storage.meter.take();
    await signatures.take();
    [http, front] = [0, {}];
    await work();
    const tallies = [storage.meter.take()];
    let messages = 0;
    for (let rung = rings(tallies[0]?.writes ?? []); rung.length > 0; rung = rings(tallies.at(-1)?.writes ?? [])) {
      messages += rung.length;
      for (const name of rung) {
        await wakes[name]?.(tenant);
        front[name] = (front[name] ?? 0) + 1;
      }
      tallies.push(storage.meter.take());
    }
    const { journalled, counted, journalUnits } = await signatures.take();
    const sum = (of: (tally: (typeof tallies)[number]) => number) => tallies.reduce((all, one) => all + of(one), 0);
    return {
      http,
      requests: sum(({ requests }) => Object.values(requests).reduce((all, one) => all + one, 0)),
      writeUnits: sum(({ writeUnits }) => writeUnits) + journalUnits,
      readUnits: sum(({ readUnits }) => readUnits),
      signatures: journalled + counted,
      journalUnits,
      messages,
      functions: { ...front, signer: journalled + counted, router: messages },
      writes: tallies.flatMap(({ writes }) => writes),
      reported: {
        writeUnits: sum(({ reported }) => reported?.writeUnits ?? 0),
        readUnits: sum(({ reported }) => reported?.readUnits ?? 0),
      },
    };
  }

  const dearest = async (work: (round: string) => Promise<void>): Promise<Measured> => {
    const all: Measured[] = [];
    for (let round = 0; round < rounds; round++) all.push(await metered(() => work(String(round + 10))));
    const steady = all.filter(({ writes }) => !writes.some(({ what }) => what.endsWith(" lanes")));
    return steady.reduce((most, one) => (one.writeUnits >= most.writeUnits ? one : most));
  };

  let calls = 0;
  async function api(method: string, path: string, body: object): Promise<Record<string, unknown>> {
    asked("api");
    const answer = await app.fetch(
      new Request(`${origin}/api/v1${path}`, {
        method,
        headers: {
          host: new URL(origin).host,
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          "idempotency-key": `cost-${String(++calls).padStart(8, "0")}`,
        },
        body: JSON.stringify(body),
      }),
    );
    const json = (await answer.json()) as Record<string, unknown>;
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(json)}`);
    return json;
  }
  const issue = (...names: string[]) =>
    api("POST", "/certificates", { csr: pemEncode("CERTIFICATE REQUEST", newCsr(...names)) });

  try {
    for (const wake of Object.values(wakes)) await wake(tenant);
    const apiIssuance = await dearest(async (n) => void (await issue(`www${n}.example.test`)));
    const apiIssuanceThreeNames = await dearest(
      async (n) => void (await issue(`www${n}.example.test`, `api${n}.example.test`, `${n}.cdn.example.test`)),
    );

    const client = await newClient(
      (request) => {
        asked("acme");
        return acme.fetch(request);
      },
      directoryOf("web"),
      "ES256",
    );
    await client.register();
    const acmeIssuance = await dearest(async (n) => {
      const order = await client.order([`acme${n}.example.test`]);
      await acme.prove(client, order);
      const done = await client.post(order.body["finalize"], { csr: csrFor([`acme${n}.example.test`]) });
      await client.post(done.body["certificate"]);
    });

    const issued = await issue("ocsp.example.test");
    const issuer = await existing(deps, tenant, "issuer", String(issued["issuer_id"]));
    const { subjectDer, certificate: ca } = issuerMaterial(issuer.id, issuer.state);
    const ask = async (): Promise<void> => {
      asked("revocation");
      const { der } = certIdFor(subjectDer, ca.spki, String(issued["serial"]), "sha1");
      const answer = await createRevocationApp(deps).fetch(
        ocspRequest(issuer.id, sequence(sequence(sequence(sequence(der))))),
      );
      if (answer.status !== 200) throw new Error(`OCSP: ${answer.status}`);
    };
    // A new environment has signed nothing yet.
    const ocspMiss = await metered(ask);
    const revocationApp = createRevocationApp(deps);
    const again = async (): Promise<void> => {
      asked("revocation");
      const { der } = certIdFor(subjectDer, ca.spki, String(issued["serial"]), "sha1");
      await revocationApp.fetch(ocspRequest(issuer.id, sequence(sequence(sequence(sequence(der))))));
    };
    await again();
    const ocspHit = await metered(again);

    const revocation = await metered(async () => {
      await api("POST", `/certificates/${String(issued["id"])}/revoke`, { reason: "superseded" });
    });
    const duties = createDuties(deps);
    const sweep = async (of: string): Promise<void> => {
      for (const name of wakeNames) await wakes[name]?.(of);
    };
    await duties(sweep); // what is due once
    const idle = await metered(async () => {
      await duties(sweep);
    });
    const idleMinute = {
      ...idle,
      messages: wakeNames.length,
      functions: { ...Object.fromEntries(wakeNames.map((name) => [name, 1])), clock: 1 },
    };
    const rest = createRest(deps);
    await rest.isAwake(tenant);
    await rest.seenTo(tenant, true);
    const look = await metered(async () => void (await rest.isAwake(tenant)));
    const restingMinute = { ...look, functions: { "clock, at rest": 1 } };
    return {
      apiIssuance,
      apiIssuanceThreeNames,
      acmeIssuance,
      revocation,
      ocspMiss,
      ocspHit,
      idleMinute,
      restingMinute,
    };
  } finally {
    await storage.stop();
  }
}

const rings = (writes: readonly Write[]): readonly string[] =>
  wakeNames.filter((name) => {
    const source = wakeSources[name as keyof typeof wakeSources];
    return writes.some(({ what, view }) => ("events" in source ? what === "put event" : view === source.view));
  });

const ocspRequest = (issuer: string, der: Uint8Array): Request =>
  new Request(`${revocationBaseUrl}/ocsp/${issuer}`, {
    method: "POST",
    headers: { host: "localhost:8080", "content-type": "application/ocsp-request" },
    body: der as Uint8Array<ArrayBuffer>,
  });
