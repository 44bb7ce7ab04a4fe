/** One example for every command: shown by its help, and in docs/cli.md. */
import type { Command } from "commander";

const shown = new WeakMap<Command, string>();

/** @param line what a person types, for a POSIX shell */
export function showExample(command: Command, line: string): void {
  shown.set(command, line);
  command.addHelpText("after", `\nExample:\n  ${line}`);
}

export const exampleOf = (command: Command): string | undefined => shown.get(command);

/** Of the commands that no operation of the API makes, by their words. */
export const hostExamples: Readonly<Record<string, string>> = {
  up: "trstctl up",
  serve: "trstctl serve",
  "token create": "trstctl token create --tenant acme --scopes certs:read,certs:issue --expires-in 90d",
  "tenants list": "trstctl tenants list --stack trstctl --region eu-central-1",
  "tenants fail-over": "trstctl tenants fail-over --tenant acme --stack trstctl --region eu-west-1",
  console: "trstctl console --tenant acme",
  "trust install": "trstctl trust install",
  "trust remove": "trstctl trust remove --yes",
  "trust status": "trstctl trust status --only browsers",
  "tls-root": "trstctl tls-root > root.pem",
  "backup create-key": "trstctl backup create-key",
  "backup create": "trstctl backup create --to /srv/backups",
  "backup verify": "trstctl backup verify --from /srv/backups/trstctl.backup",
  restore: "trstctl restore --from /srv/backups/trstctl.backup --to /srv/trstctl",
  "kms import-key": "trstctl kms import-key --key-id 1234abcd-12ab-34cd-56ef-1234567890ab --private-key root.key",
  login: "trstctl login https://trstctl.example.com --profile prod",
  logout: "trstctl logout --profile prod",
  "profile list": "trstctl profile list",
  "profile use": "trstctl profile use prod",
  "profile show": "trstctl profile show prod",
  "profile remove": "trstctl profile remove prod",
  doctor: "trstctl doctor",
  "config check": "trstctl config check",
  completion: "trstctl completion bash > ~/.local/share/bash-completion/completions/trstctl",
  "audit verify": "trstctl audit verify --offline /srv/archive/2030 --key verifier.key",
};
