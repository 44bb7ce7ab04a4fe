/** Steps that many tests of ACME take. */
import { expect } from "vitest";
import { parseCertificate } from "#shared/pki/certificate";
import { pemDecode } from "#shared/pki/pem";
import { ariIdOf } from "./ari.ts";
import type { Client, Reply } from "./client.ts";
import { csrFor } from "./csr.ts";
import { type AcmeHouse, errorOf } from "./house.ts";

/** Status and error of an answer. */
export const said = (reply: Reply): string => `${reply.status} ${errorOf(reply)}`;

/** An order whose names are proven. */
export async function ready(
  acme: AcmeHouse,
  client: Client,
  names: readonly string[],
  more: object = {},
): Promise<Reply> {
  const order = await client.order(names, more);
  expect(order.status, order.text).toBe(201);
  await acme.prove(client, order);
  return order;
}

/** A certificate for these names, and what ARI calls it. */
export async function issue(acme: AcmeHouse, client: Client, names: readonly string[], more: object = {}) {
  const order = await ready(acme, client, names, more);
  const done = await client.post(order.body["finalize"], { csr: csrFor(names) });
  expect(done.status, done.text).toBe(200);
  const { text } = await client.post(done.body["certificate"]);
  const certificate = parseCertificate(pemDecode(text, "CERTIFICATE")[0] ?? new Uint8Array(0));
  const ari = await ariIdOf(acme, certificate.der);
  return { order, done, certificate, ari };
}
