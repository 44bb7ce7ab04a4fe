import type { Command } from "commander";
import type { Terminal } from "../terminal.ts";

const words = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  ...value.split(",").map((word) => word.trim()),
];

export function addLogin(program: Command, terminal: Terminal): void {
  const login = program
    .command("login")
    .description("Sign in to a server by the browser; the token is of the person who approves, and ends by itself")
    .argument("[url]", "of the server; default: that of the profile in use")
    .option("--profile <name>", "under which the server is kept; default: the profile in use, or the host's name")
    .option("--scopes <a,b>", "what the token may do; default: all that the person may who approves", words)
    .option("--expires-in <duration>", "e.g. 1h, 7d; at most 30d, default 12h")
    .option("--no-browser", "only print the address and the code")
    .option("--ca-file <file>", "PEM of the root that vouches for the server, pinned from then on")
    .option("--ca-fingerprint <sha256>", "of that root, in place of being asked; pinned from then on")
    .action(async (url: string | undefined) =>
      (await import("./login.ts")).login(url, login.optsWithGlobals(), terminal),
    );
  const logout = program
    .command("logout")
    .description("Revoke the token of a sign-in and forget it; the server stays known")
    .option("--profile <name>", "which sign-in; default: the profile in use")
    .option("--forget", "forget it even when the server cannot be told")
    .action(async () => (await import("./login.ts")).logout(logout.optsWithGlobals(), terminal));
}
