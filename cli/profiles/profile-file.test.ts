/** What holds a token is nobody else's, whatever waits where it is written. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readProfile, writeProfile } from "./profile-file.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "trstctl-profile-"));
});
afterAll(async () => rm(directory, { recursive: true, force: true }));

it("is not written into a file of somebody else that waits beside it, nor to where a link leads", async () => {
  const path = join(directory, "prod.json");
  const elsewhere = join(directory, "elsewhere");
  await writeFile(elsewhere, "", { mode: 0o644 });
  await symlink(elsewhere, `${path}.${process.pid}.new`);
  const profile = { url: "https://host.example", token: "secret" };
  await writeProfile(path, profile);
  expect(await readFile(elsewhere, "utf8")).toBe("");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readProfile(path, "")).toEqual(profile);
});

it("leaves no draft where it cannot take its place", async () => {
  const path = join(directory, "directory.json");
  await mkdir(path);
  await expect(writeProfile(path, { url: "https://host.example", token: "secret" })).rejects.toMatchObject({
    code: "misconfigured",
  });
  expect((await readdir(directory)).filter((name) => name.startsWith("directory.json."))).toEqual([]);
});
