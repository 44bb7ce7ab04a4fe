/** Rolling a tenant's log back, forking it, speaking for another one: the signer is a witness of what it signed (I3, I5). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { utf8, utf8Text } from "#shared/kernel/bytes";
import { checkpointHandle, type SignRequest } from "#shared/ports/signer";
import { formatCheckpoint, originOf } from "#shared/tlog/checkpoint";
import { createFrontier } from "#shared/tlog/frontier";
import { leafHash, type ReadHash } from "#shared/tlog/merkle-tree";
import { consistencyProof } from "#shared/tlog/proofs";
import { hold, openTarget, type Target } from "#test/signer/attack";
import { expectRefused, request, spec, type Workshop } from "#test/signer/workshop";

const checkpointKey = spec({
  handle: checkpointHandle,
  purpose: "checkpoint",
  algorithm: "Ed25519",
  limits: {},
});

/** Made beforehand, because a request is made in one go. */
const proofs = new Map<string, readonly Uint8Array[]>();
const nameOf = (history: History, from: number, to: number): string => `${history(4)}/${history(9)} ${from} ${to}`;

let target: Target;
let workshop: Workshop;
let origin: string;

beforeAll(async () => {
  target = await openTarget();
  ({ workshop } = target);
  const { spki } = await workshop.service.generateKey(checkpointKey);
  await workshop.service.generateKey({ ...checkpointKey, tenant: "other" });
  origin = originOf("acme", spki);
  for (const history of [honest, forkedAt(3), forkedAt(6)])
    for (const [from, to] of [
      [5, 8],
      [8, 9],
      [8, 12],
      [5, 12],
    ] as const)
      proofs.set(nameOf(history, from, to), await consistencyProof(reading(history), from, to));
  await workshop.service.sign(signing(honest, 5));
  await workshop.service.sign(signing(honest, 8, 5));
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** A history: the leaf at each place. */
type History = (at: number) => string;
const honest: History = (at) => `event ${at}`;
const forkedAt =
  (place: number): History =>
  (at) =>
    at < place ? honest(at) : `invented ${at}`;

const rootOf = (history: History, size: number, from = 0): Uint8Array => {
  const frontier = createFrontier();
  for (let at = from; at < from + size; at++) frontier.append(leafHash(utf8(history(at))));
  return frontier.root();
};
const reading =
  (history: History): ReadHash =>
  (level, index) =>
    rootOf(history, 2 ** level, index * 2 ** level);

const text = (history: History, size: number, of = origin): Uint8Array =>
  utf8(formatCheckpoint({ origin: of, size, root: rootOf(history, size) }));

/** What a host asks whose last checkpoint is `after`. */
const signing = (history: History, size: number, after?: number, over: Partial<SignRequest> = {}): SignRequest =>
  request("checkpoint", checkpointHandle, text(history, size), {
    ...(after !== undefined && { proof: proofs.get(nameOf(history, after, size)) ?? [] }),
    ...over,
  });

describe("checkpoints", () => {
  const at = { type: "checkpoint", handle: checkpointHandle } as const;
  const row = (what: string, make: () => SignRequest, reason: RegExp) => ({ what, make, reason });
  test.each([
    row("rolled back to fewer events", () => signing(honest, 5), /rolls the log back: 8 is signed/),
    row("another root for the same size", () => signing(forkedAt(3), 8), /forked: 8 is signed with another root/),
    row(
      "a longer log that changed an early event",
      () => signing(forkedAt(3), 12, 8),
      /does not show that the log of 12 extends/,
    ),
    row("a longer log that changed the last events", () => signing(forkedAt(6), 12, 8), /does not show/),
    row("growth without a proof", () => signing(honest, 12), /does not show/),
    row("growth with the proof of an older tree", () => signing(honest, 12, 5), /does not show/),
    row(
      "growth with a proof and one hash more",
      () => ({ ...signing(honest, 12, 8), proof: [...(signing(honest, 12, 8).proof ?? []), new Uint8Array(32)] }),
      /does not show/,
    ),
    row("no events at all", () => signing(honest, 0), /empty log/),
    row(
      "the origin of another tenant's log",
      () => ({
        ...signing(honest, 12, 8),
        tbs: text(honest, 12, originOf("other", target.spkiOf(checkpointHandle, "other"))),
      }),
      /speaks for trstctl\/acme/,
    ),
    row(
      "an origin of its own making",
      () => ({ ...signing(honest, 12, 8), tbs: text(honest, 12, "trstctl/acme") }),
      /origin is trstctl\/acme, this/,
    ),
  ])("are refused: $what", async ({ make, reason }) => expectRefused(workshop, make(), { reason }));

  hold(
    () => target,
    [
      {
        ...at,
        what: "a line more",
        tbs: () => utf8(`${utf8Text(text(honest, 12))}more\n`),
        code: "malformed",
        reason: /three lines/,
      },
      { ...at, what: "no text", tbs: () => Uint8Array.of(0xff, 0xfe), reason: /UTF-8/ },
      { ...at, what: "a certificate passed off as one", tbs: () => target.chain.leafTbs(), reason: /./ },
      {
        what: "a certificate under its key",
        handle: checkpointHandle,
        tbs: () => target.chain.leafTbs(),
        reason: /signs no certificate/,
      },
      { ...at, what: "under a CA key", handle: "ca", tbs: () => text(honest, 12), reason: /signs no checkpoint/ },
      { ...at, what: "under an OCSP key", handle: "ocsp", tbs: () => text(honest, 12), reason: /signs no checkpoint/ },
    ],
  );

  test.each([
    { what: "with another handle", over: { handle: "second" }, reason: /its handle is checkpoint/ },
    { what: "as a CA key of that handle", over: { purpose: "issuing-ca" }, reason: /its handle is checkpoint/ },
    { what: "of another algorithm", over: { algorithm: "P-256" }, reason: /Ed25519/ },
  ] as const)("no key is made for them $what", async ({ over, reason }) => {
    await expect(workshop.service.generateKey({ ...checkpointKey, tenant: "third", ...over })).rejects.toMatchObject({
      code: "guard_refused",
      message: expect.stringMatching(reason) as unknown,
    });
  });

  test("the same again is signed again; an honest one goes on, also after a restart, which forgets nothing", async () => {
    await expect(workshop.service.sign(signing(honest, 8))).resolves.toBeDefined();
    await workshop.restart();
    await expectRefused(workshop, signing(forkedAt(6), 9, 8), { reason: /does not show/ });
    await expectRefused(workshop, signing(honest, 5), { reason: /rolls the log back/ });
    await expect(workshop.service.sign(signing(honest, 9, 8))).resolves.toBeDefined();
  });

  test("one operation is one checkpoint", async () => {
    const first = signing(honest, 12, 8, { opId: "checkpoint/12" });
    await workshop.service.sign({ ...first, proof: await consistencyProof(reading(honest), 9, 12) });
    expect(utf8Text((await workshop.service.sign(first)).tbs)).toBe(utf8Text(first.tbs));
    await expectRefused(workshop, signing(forkedAt(6), 12, 8, { opId: "checkpoint/12" }), {
      reason: /another request/,
    });
  });
});
