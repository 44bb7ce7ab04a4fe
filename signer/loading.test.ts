/** A key that has to be made ready first: what is decided, is decided when it is. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256Hex } from "#shared/crypto/hash";
import { Failure } from "#shared/kernel/failure";
import { makeChain, openWorkshop, request } from "#test/signer/workshop";
import { openJournal } from "./journal.ts";
import { openKeyStore } from "./keys/key-files.ts";
import type { KeyStore } from "./keys/key-store.ts";
import { createSignerService } from "./service.ts";

async function slowly(broken = false) {
  const own = await openWorkshop();
  const chain = await makeChain(own);
  const store = openKeyStore(join(own.directory, "keys"), own.kek);
  let asked = 0;
  const keys: KeyStore = {
    ...store,
    load: (spec) => {
      const loading = store.load(spec);
      if (loading === undefined && !broken) return undefined;
      asked++;
      if (broken) return Promise.reject(new Failure("unavailable", "the key cannot be opened now"));
      return new Promise((resolve) => setTimeout(resolve, 20)).then(() => loading);
    },
  };
  const service = await createSignerService({
    keys,
    clock: own.clock,
    openJournal: (onRecord) => openJournal(own.journalPath, onRecord),
  });
  return { own, chain, service, asked: () => asked };
}

test("twenty calls of one operation while its key is made ready give one signature", async () => {
  const { own, chain, service, asked } = await slowly();
  await using _ = own;
  const over = { opId: "late", requestHash: sha256Hex("late") };
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => service.sign(request("certificate", "ca", chain.leafTbs(), over))),
  );
  expect(asked()).toBe(20);
  expect(new Set(answers.map(({ tbs, signature }) => sha256Hex(tbs) + sha256Hex(signature))).size).toBe(1);
  expect(own.entries().filter(({ op, opId }) => op === "sign" && opId === "late")).toHaveLength(1);
});

test("two CRLs with one number while the key is made ready: one is refused", async () => {
  const { own, chain, service } = await slowly();
  await using _ = own;
  const both = await Promise.allSettled([1, 2].map(() => service.sign(request("crl", "ca", chain.crlTbs()))));
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("a key that cannot be made ready gives nothing away, and what was signed before is still answered", async () => {
  const { own, chain, service } = await slowly(true);
  await using _ = own;
  const before = own.entries().length;
  const tbs = chain.leafTbs();
  await expect(service.sign(request("certificate", "ca", tbs))).rejects.toMatchObject({ code: "unavailable" });
  await expect(service.sign(request("ocsp", "ocsp", chain.ocspTbs()))).rejects.toMatchObject({ code: "unavailable" });
  expect(own.entries()).toHaveLength(before);
  const signed = own.entries().find(({ op, type }) => op === "sign" && type === "certificate");
  const again = { opId: signed?.opId ?? "", requestHash: signed?.requestHash ?? "" };
  await expect(service.sign(request("certificate", "root", tbs, again))).resolves.toMatchObject({});
});
