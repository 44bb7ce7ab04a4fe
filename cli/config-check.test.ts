import { expect, test } from "vitest";
import * as z from "zod";
import { secretSetting } from "#shared/contracts/config/host";
import { effectiveSettings } from "./config-check.ts";
import { fakeTerminal } from "./fake-host.ts";
import { run } from "./program.ts";

test("what is set, what is default, what is unset", async () => {
  const terminal = fakeTerminal({ TRSTCTL_HTTPS_PORT: "9443", TRSTCTL_KEK_FILE: "", HOME: "/root" });
  expect(await run(["config", "check", "--output", "json"], terminal)).toBe(0);
  expect(JSON.parse(terminal.outText())).toMatchObject({
    TRSTCTL_HTTPS_PORT: 9443,
    TRSTCTL_HTTP_PORT: 8080,
    TRSTCTL_KEK_FILE: null,
  });
});

test("every problem at once, exit 1", async () => {
  const terminal = fakeTerminal({ TRSTCTL_HTTPS_PORT: "x", TRSTCTL_POOL_SIZE: "0", TRSTCTL_TYPO: "1" });
  expect(await run(["config", "check"], terminal)).toBe(1);
  for (const name of ["TRSTCTL_HTTPS_PORT", "TRSTCTL_POOL_SIZE", "TRSTCTL_TYPO"])
    expect(terminal.noteText()).toContain(`- ${name}:`);
  expect(terminal.outText()).toBe("");
});

test("the document of identity providers is looked at too", async () => {
  const terminal = fakeTerminal({ TRSTCTL_SIGN_IN_FILE: "/nowhere/sign-in.json", TRSTCTL_TYPO: "1" });
  expect(await run(["config", "check"], terminal)).toBe(1);
  expect(terminal.noteText()).toContain("- TRSTCTL_SIGN_IN_FILE: /nowhere/sign-in.json cannot be read (ENOENT)");
  expect(terminal.noteText()).toContain("- TRSTCTL_TYPO:");
});

test("a secret is not shown, wherever its mark stands", () => {
  const schema = z.object({
    TRSTCTL_A: z.string().optional().meta(secretSetting),
    TRSTCTL_B: z.string().meta(secretSetting).optional(),
    TRSTCTL_C: z
      .string()
      .meta(secretSetting)
      .transform((text) => text.length),
    TRSTCTL_D: z.string().meta(secretSetting).default("hidden"),
    TRSTCTL_E: z.string().meta(secretSetting).optional(),
    TRSTCTL_F: z.string(),
  });
  const settings = effectiveSettings(schema, {
    TRSTCTL_A: "hush",
    TRSTCTL_B: "hush",
    TRSTCTL_C: "hush",
    TRSTCTL_F: "open",
  });
  expect(settings.map(({ value }) => value)).toEqual(["[secret]", "[secret]", "[secret]", "[secret]", null, "open"]);
});
