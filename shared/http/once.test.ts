import { expect, test } from "vitest";
import { Failure } from "#shared/kernel/failure";
import { createOnce } from "./once.ts";

/** A request whose answer is found again once it was given, as from the log. */
function requests() {
  const once = createOnce();
  const answers = new Map<string, number>();
  let worked = 0;
  return {
    worked: () => worked,
    send: (name: string, fingerprint: string, outcome: () => Promise<number>) =>
      once({
        name,
        fingerprint,
        find: () => Promise.resolve(answers.get(name)),
        work: async () => {
          worked++;
          const answer = await outcome();
          answers.set(name, answer);
          return answer;
        },
      }),
  };
}

const soon = (value: number) => async (): Promise<number> => {
  await new Promise((resolve) => setImmediate(resolve));
  return value;
};
const fails = async (): Promise<never> => {
  await new Promise((resolve) => setImmediate(resolve));
  throw new Failure("unavailable", "the signer is down");
};

test("many at once are one piece of work, and all get its answer", async () => {
  const { send, worked } = requests();
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => send("op", "f", soon(n))));
  expect(new Set(answers)).toEqual(new Set([0]));
  expect(worked()).toBe(1);
  expect(await send("op", "f", soon(99))).toBe(0);
});

test("other names do not wait for each other", async () => {
  const { send, worked } = requests();
  expect(await Promise.all([send("a", "f", soon(1)), send("b", "f", soon(2))])).toEqual([1, 2]);
  expect(worked()).toBe(2);
});

test("a failure is shared by the same request, and not remembered", async () => {
  const { send, worked } = requests();
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => send("op", "f", fails)));
  expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
  expect(worked()).toBe(1);
  expect(await send("op", "f", soon(7))).toBe(7);
});

test("another request under the same name does not inherit the failure", async () => {
  const { send } = requests();
  const [failed, other] = await Promise.allSettled([send("op", "f", fails), send("op", "g", soon(3))]);
  expect(failed.status).toBe("rejected");
  expect(other).toMatchObject({ status: "fulfilled", value: 3 });
});
