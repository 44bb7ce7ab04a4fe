import { expect, test } from "vitest";
import { fakeTerminal } from "./fake-host.ts";
import { whileBusy, whileWorking } from "./progress.ts";

function watched() {
  const said: string[] = [];
  return { said, terminal: { ...fakeTerminal({}), status: (text: string) => void said.push(text) } };
}

test("what began a while ago is said at once, and the line is empty again afterwards", async () => {
  const { said, terminal } = watched();
  expect(await whileWorking(terminal, "asking", () => 7, terminal.now() - 3_000)).toBe(7);
  expect(said).toEqual(["asking, 3 s", ""]);
});

test("what is quick leaves no word, and what fails leaves no line", async () => {
  const { said, terminal } = watched();
  await whileWorking(terminal, "asking", () => 7);
  const fails = () => Promise.reject(new Error("no"));
  await expect(whileBusy(terminal, "reading", fails)).rejects.toThrow("no");
  expect(said).toEqual(["", "reading …", ""]);
});

test("where nobody looks nothing is said", async () => {
  const terminal = fakeTerminal({});
  expect(await whileBusy(terminal, "reading", () => 1)).toBe(1);
  expect(await whileWorking(terminal, "asking", () => 2, 0)).toBe(2);
  expect(terminal.outText() + terminal.noteText()).toBe("");
});
