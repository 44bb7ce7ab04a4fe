/** For who runs a deployment: what is done at KMS with their own AWS identity, and never through the product's API. */
import type { Command } from "commander";
import { detail } from "./output.ts";
import type { Terminal } from "./terminal.ts";
import { viewOf } from "./view.ts";

export function addKmsCommands(program: Command, terminal: Terminal): void {
  const command = program
    .command("kms")
    .command("import-key")
    .description("Import a private key of your own into a KMS key made with --origin EXTERNAL, for CA keys")
    .requiredOption("--key-id <id>", "key id or ARN of the KMS key, in the Region of AWS_REGION")
    .requiredOption("--private-key <file>", "PEM, mode 0600; read, wrapped for KMS, wiped")
    .option("--passphrase-file <file>", "of an encrypted private key, mode 0600")
    .action(async () => {
      const options = command.optsWithGlobals();
      const view = await viewOf(options, { done: true });
      const [{ readSecretFile, withoutLineFeed }, { openPrivateKey }, { importPrivateKey }] = await Promise.all([
        import("#shared/kernel/secret-file"),
        import("#shared/crypto/key-import"),
        import("#shared/adapters/aws/kms-import"),
      ]);
      const secret = (what: string, path: string) =>
        readSecretFile({ what, path, missing: "name the file that has it" });
      using pem = secret("private key", String(options["privateKey"]));
      const file: unknown = options["passphraseFile"];
      using passphrase = typeof file === "string" ? withoutLineFeed(secret("passphrase file", file)) : undefined;
      const key = openPrivateKey(pem, passphrase);
      using pkcs8 = key.pkcs8;
      const imported = await importPrivateKey({ keyId: String(options["keyId"]), key: { ...key, pkcs8 } });
      terminal.out(view.text(imported) ?? detail({ ...imported }));
      const { keyId, algorithm, multiRegion } = imported;
      terminal.note(`for TRSTCTL_KMS_KEYS: ${JSON.stringify({ keyId, algorithm })}`);
      terminal.note("KMS keeps no copy that could be had back: keep yours, offline");
      if (multiRegion) terminal.note("each replica of this multi-Region key needs the same import, in its own Region");
    });
}
