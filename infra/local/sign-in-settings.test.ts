import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hostFlags } from "./permissions.ts";
import { placesOf } from "./places.ts";
import { signInFileProblems, signInFiles } from "./sign-in-settings.ts";

const folder = mkdtempSync(join(tmpdir(), "sign-in-settings-"));
const settings = { TRSTCTL_DATA_DIR: join(folder, "data"), TRSTCTL_KEK_FILE: join(folder, "kek") };
const places = placesOf(settings, {});
const secret = join(folder, "secret");
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => {
  mkdirSync(settings.TRSTCTL_DATA_DIR);
  for (const path of [secret, settings.TRSTCTL_KEK_FILE, join(settings.TRSTCTL_DATA_DIR, "host.key")]) {
    writeFileSync(path, "x".repeat(32));
    chmodSync(path, 0o600);
  }
});

function documentWith(client_secret_file: string): { readonly TRSTCTL_SIGN_IN_FILE: string } {
  const path = join(folder, "sign-in.json");
  const everybody = { tenant: "default", roles: ["viewer"] };
  const idp = { title: "ID", issuer: "https://id.test", client_id: "x", client_secret_file, default: everybody };
  writeFileSync(path, JSON.stringify({ providers: { idp } }), { mode: 0o600 });
  return { TRSTCTL_SIGN_IN_FILE: path };
}

it("the host may read the document and what it names, and nothing more than before without one", () => {
  const config = documentWith(secret);
  expect(signInFileProblems(config, places)).toEqual([]);
  const flags = hostFlags(places, signInFiles(config));
  for (const path of [config.TRSTCTL_SIGN_IN_FILE, secret]) expect(flags).toContain(`--allow-fs-read=${path}`);
  expect(flags).not.toContain(`--allow-fs-write=${secret}`);
  expect(signInFiles({})).toEqual([]);
});

it.each([
  ["the signer's key", settings.TRSTCTL_KEK_FILE, "is the signer's, and the host must not read it"],
  ["what lies in the data directory", join(settings.TRSTCTL_DATA_DIR, "host.key"), "lies in the data directory"],
])("the host does not come to read %s by that way", (_, path, problem) => {
  expect(signInFileProblems(documentWith(path), places).join()).toContain(problem);
});
