import { expect, test } from "vitest";
import { createPool } from "./pool.ts";

const gate = (): { open: () => void; passed: Promise<void> } => {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { open, passed };
};
const overloaded = { code: "overloaded", retryAfter: 1 };

test("what is too much is told to come back at once, and the room is given back, also after a failure", async () => {
  const pool = createPool(2);
  const { open, passed } = gate();
  const working = [pool.run(() => passed), pool.run(() => passed.then(() => Promise.reject(new Error("own"))))];
  let ran = false;
  await expect(pool.run(async () => void (ran = true))).rejects.toMatchObject(overloaded);
  expect({ ran, inFlight: pool.inFlight(), rejected: pool.rejected() }).toEqual({
    ran: false,
    inFlight: 2,
    rejected: 1,
  });
  open();
  const [first, second] = await Promise.allSettled(working);
  expect([first?.status, second?.status]).toEqual(["fulfilled", "rejected"]);
  expect(pool.inFlight()).toBe(0);
  expect(await pool.run(async () => 7)).toBe(7);
});

test("one share takes half at most, and the others find room", async () => {
  const pool = createPool(4);
  const { open, passed } = gate();
  const noisy = [pool.run(() => passed, "noisy"), pool.run(() => passed, "noisy")];
  await expect(pool.run(() => passed, "noisy")).rejects.toMatchObject(overloaded);
  const quiet = pool.run(() => passed, "quiet");
  const unnamed = pool.run(() => passed);
  await expect(pool.run(() => passed, "third")).rejects.toMatchObject(overloaded);
  open();
  await Promise.all([...noisy, quiet, unnamed]);
  expect(await pool.run(async () => "again", "noisy")).toBe("again");
});

test("a pool of one serves one, whosever it is", async () => {
  const pool = createPool(1);
  const { open, passed } = gate();
  const one = pool.run(() => passed, "a");
  await expect(pool.run(() => passed, "b")).rejects.toMatchObject(overloaded);
  open();
  await one;
});

test("what throws before it waits gives its room back too", async () => {
  const pool = createPool(1);
  for (let n = 0; n < 3; n++)
    await expect(
      pool.run(() => {
        throw new RangeError("at once");
      }, "a"),
    ).rejects.toThrow(RangeError);
  expect(pool.inFlight()).toBe(0);
});
