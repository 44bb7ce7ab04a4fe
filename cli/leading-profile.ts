/**
 * `trstctl --profile prod certificates list`: which server a command is for stands in front of it, since behind it
 * `--profile` is a certificate profile. It is the setting TRSTCTL_PROFILE for one call, and goes before all others.
 */
import type { Environment } from "#shared/kernel/config";
import { UsageError } from "./failures.ts";
import type { Terminal } from "./terminal.ts";

/** Options of every command that take a value: it is no command. */
const withValue: ReadonlySet<string> = new Set(["-o", "--output", "--query"]);

/** @throws UsageError when its name is missing */
export function leadingProfile(words: readonly string[]): {
  readonly words: readonly string[];
  readonly profile: string | undefined;
} {
  for (let at = 0; words[at]?.startsWith("-"); at++) {
    const word = words[at] ?? "";
    const [flag, ...value] = word.split("=");
    if (flag === "--profile") {
      const length = value.length === 0 ? 2 : 1;
      const profile = value.length === 0 ? words[at + 1] : value.join("=");
      if (profile === undefined || profile === "" || profile.startsWith("-"))
        throw new UsageError("--profile: its name is missing; trstctl profile list shows which there are");
      return { words: words.toSpliced(at, length), profile };
    }
    if (withValue.has(word)) at++;
  }
  return { words, profile: undefined };
}

/** The settings that would choose another server do not count beside it. */
export const forProfile = (terminal: Terminal, profile: string | undefined): Terminal =>
  profile === undefined ? terminal : { ...terminal, environment: withProfile(terminal.environment, profile) };

function withProfile(environment: Environment, profile: string): Environment {
  const { TRSTCTL_URL: _, TRSTCTL_TOKEN: __, TRSTCTL_CA_FILE: ___, ...rest } = environment;
  return { ...rest, TRSTCTL_PROFILE: profile };
}
