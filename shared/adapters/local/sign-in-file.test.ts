import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeEach, expect, it } from "vitest";
import { readSignInFile } from "./sign-in-file.ts";

const folder = mkdtempSync(join(tmpdir(), "sign-in-"));
const file = join(folder, "sign-in.json");
const secret = join(folder, "secret");
afterAll(() => rmSync(folder, { recursive: true }));

const write = (path: string, text: string, mode = 0o600): void => {
  rmSync(path, { force: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
};
const provider = {
  title: "Example ID",
  issuer: "https://id.example.test",
  client_id: "trstctl",
  client_secret_file: "secret",
  default: { tenant: "acme", roles: ["viewer"] },
};
const document = (change: object = {}): void =>
  write(file, JSON.stringify({ providers: { idp: { ...provider, ...change } } }), 0o644);
beforeEach(() => {
  document();
  write(secret, "hush\n");
});

it("brings the document with what it names, beside it, and shows no secret", () => {
  const found = readSignInFile(file);
  if (!("settings" in found)) throw new Error(found.join());
  expect(new TextDecoder().decode(found.secrets.get("idp")?.reveal())).toBe("hush");
  expect(found.files).toEqual([file, secret]);
  expect(inspect(found, { depth: 9 }) + JSON.stringify([...found.secrets])).not.toContain("hush");
});

it.each<[string, () => void, string]>([
  ["is not there", () => rmSync(file), "cannot be read (ENOENT)"],
  ["others may write", () => chmodSync(file, 0o666), "can be written by others"],
  ["is no JSON", () => write(file, '{"providers": hush', 0o644), "it is no JSON"],
  ["names a secret that is not there", () => rmSync(secret), "providers.idp.client_secret_file: the client secret"],
  ["names a secret that others read", () => chmodSync(secret, 0o644), "can be read by others"],
  ["names an empty secret", () => write(secret, "\n"), "is empty"],
  [
    "names a secret that is a link",
    () => {
      rmSync(secret);
      symlinkSync(file, secret);
    },
    "is not a regular file",
  ],
  ["names authorities that are none", () => document({ ca_file: "secret" }), "ca_file: "],
])("a document that %s is refused", (_, spoil, problem) => {
  spoil();
  const found = readSignInFile(file);
  expect("settings" in found ? "taken" : found.join("\n")).toContain(problem);
  expect(JSON.stringify(found)).not.toContain("hush\\n");
});
