/** The smaller clients: each gets an account of its own and one certificate for a name over HTTP. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { succeed } from "#test/run";
import { openssl } from "#test/e2e/openssl";
import { type Ca, challengeFolder, type World } from "../world.ts";

const environment = (home: string, roots: string): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"],
  HOME: home,
  SSL_CERT_FILE: roots, // OpenSSL and Go
  CURL_CA_BUNDLE: roots,
});

/** @returns PEM, leaf first */
export function dehydrated({ directory, roots }: Ca, world: World, name: string): Promise<string> {
  return world.withWebroot(async (webroot) => {
    const folder = join(webroot, challengeFolder);
    const home = world.directory();
    const config = join(home, "config");
    const settings = {
      CA: directory,
      BASEDIR: home,
      WELLKNOWN: folder,
      CURL_OPTS: `--cacert ${roots}`,
      CHALLENGETYPE: "http-01",
    };
    writeFileSync(
      config,
      Object.entries(settings)
        .map(([key, value]) => `${key}="${value}"\n`)
        .join(""),
    );
    const env = environment(home, roots);
    await succeed("dehydrated", ["--config", config, "--register", "--accept-terms"], { env });
    await succeed("dehydrated", ["--config", config, "--cron", "--domain", name], { env });
    return readFileSync(join(home, "certs", name, "fullchain.pem"), "utf8");
  });
}

/** @returns PEM, leaf first */
export function acmeTiny({ directory, roots }: Ca, world: World, name: string): Promise<string> {
  return world.withWebroot(async (webroot) => {
    const folder = join(webroot, challengeFolder);
    const home = world.directory();
    const at = (file: string): string => join(home, file);
    await openssl("genrsa", "-out", at("account.key"), "2048");
    await openssl(
      ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", at("leaf.key"), "-out", at("leaf.csr")],
      ["-subj", "/", "-addext", `subjectAltName=DNS:${name}`],
    );
    const flags = [
      "--account-key",
      at("account.key"),
      "--csr",
      at("leaf.csr"),
      "--acme-dir",
      folder,
      "--disable-check",
    ];
    return succeed("acme-tiny", [...flags, "--directory-url", directory], { env: environment(home, roots) });
  });
}

/** @param terms URL of the terms of service that the CA has, to be agreed to @returns PEM, leaf first */
export function acmetool({ directory, roots }: Ca, world: World, name: string, terms = ""): Promise<string> {
  return world.withWebroot(async (webroot) => {
    const folder = join(webroot, challengeFolder);
    const state = world.directory();
    mkdirSync(join(state, "conf"));
    writeFileSync(
      join(state, "conf", "target"),
      [
        "request:",
        `  provider: ${directory}`,
        "  key: {type: ecdsa}",
        "  challenge:",
        `    webroot-paths: [${folder}]`,
        // It would resolve the name by the system's resolver.
        "    http-self-test: false",
        "",
      ].join("\n"),
    );
    writeFileSync(
      join(state, "conf", "responses"),
      `"acme-enter-email": "acmetool@example.test"\n"acme-agreement:${terms}": true\n`,
    );
    const flags = ["--state", state, "--hooks", join(state, "hooks"), "--batch", "--response-file"];
    await succeed("acmetool", [...flags, join(state, "conf", "responses"), "want", name], {
      env: environment(state, roots),
    });
    return readFileSync(join(state, "live", name, "fullchain"), "utf8");
  });
}

export interface Uacme {
  /** @returns PEM, leaf first */
  issue(name: string): Promise<string>;
  newAccountKey(): Promise<void>;
  revoke(name: string): Promise<void>;
}

/** It asks the system's roots alone: within a mount namespace of its own, these are ours. Needs root. */
export async function uacme({ directory, roots }: Ca, world: World): Promise<Uacme> {
  const home = world.directory();
  const run = (hook: string | undefined, ...words: readonly string[]): Promise<string> => {
    const flags = ["-v", "-c", home, "-a", directory, "-o", "-y", ...(hook === undefined ? [] : ["-h", hook])];
    const program = `mount --bind ${roots} /etc/ssl/certs/ca-certificates.crt && exec uacme "$@"`;
    return succeed("unshare", ["--mount", "sh", "-c", program, "uacme", ...flags, ...words]);
  };
  await run(undefined, "new", "uacme@example.test");
  return {
    issue: (name) =>
      world.withWebroot(async (webroot) => {
        const folder = join(webroot, challengeFolder);
        const hook = world.script(
          "hook.sh",
          // method type ident token auth
          `[ "$2" = http-01 ] || exit 1`,
          `case "$1" in begin) printf %s "$5" > "${folder}/$4" ;; *) rm -f "${folder}/$4" ;; esac`,
        );
        await run(hook, "issue", name);
        return readFileSync(join(home, name, "cert.pem"), "utf8");
      }),
    newAccountKey: async () => void (await run(undefined, "newkey")),
    async revoke(name) {
      const file = join(home, `${name}.revoked.pem`);
      copyFileSync(join(home, name, "cert.pem"), file);
      await run(undefined, "revoke", file);
    },
  };
}
