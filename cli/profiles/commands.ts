/** `trstctl profile …`: the servers that this user knows. None of these shows a token. */
import type { Command } from "commander";
import type { Environment } from "#shared/kernel/config";
import { Failure } from "#shared/kernel/failure";
import { detail, table, type Row } from "../output.ts";
import type { Terminal } from "../terminal.ts";
import { viewOf } from "../view.ts";
import { readProfile, type Profile } from "./profile-file.ts";
import {
  chosenProfile,
  currentProfile,
  forgetProfile,
  hostProfileName,
  keepCurrent,
  profileNames,
  profilePathOf,
  readChosen,
} from "./profiles.ts";

export function addProfiles(program: Command, terminal: Terminal): void {
  const { environment } = terminal;
  const profile = program.command("profile");
  const list = profile
    .command("list")
    .description("List the servers that this user knows, and which one commands are for")
    .action(async () => {
      const items = await knownProfiles(environment, terminal.now());
      const { text } = await viewOf(list.optsWithGlobals());
      terminal.out(text({ items }) ?? table(items, ["name", "url", "signed_in_as", "expires_at", "state", "in_use"]));
    });
  profile
    .command("use")
    .description("Choose the server that commands are for from now on")
    .argument("<name>")
    .action(async (name: string) => {
      await readNamed(environment, name);
      await keepCurrent(environment, name);
      const chosen = chosenProfile(environment);
      terminal.note(
        chosen.name === name
          ? `commands are for ${name} now`
          : `${name} is chosen, but ${chosen.because} is set and wins: unset it, or say trstctl --profile ${name} …`,
      );
    });
  const show = profile
    .command("show")
    .description("Show what is kept of a server; the token itself is not shown")
    .argument("[name]", "default: the profile in use")
    .action(async (name: string | undefined) => {
      const chosen = name === undefined ? chosenProfile(environment) : { name, path: "", because: "" };
      const kept = name === undefined ? await readChosen(chosen) : await readNamed(environment, name);
      const { fingerprintOfPem } = await import("../login/server-trust.ts");
      const shown = {
        ...rowOf(chosen.name, kept, environment, terminal.now()),
        ca_sha256: kept.ca === undefined ? null : fingerprintOfPem(kept.ca),
        file: name === undefined ? chosen.path : profilePathOf(environment, name, "<name>"),
      };
      const { text } = await viewOf(show.optsWithGlobals());
      terminal.out(text(shown) ?? detail(shown));
    });
  const remove = profile
    .command("remove")
    .description("Forget a server: its token is revoked, its pin is gone")
    .argument("<name>")
    .option("--forget", "forget it even when the server cannot be told")
    .action(async (name: string) => {
      const kept = await readNamed(environment, name);
      if (name === hostProfileName)
        throw new Failure("misconfigured", `${name} is what this clone's host writes; it goes with its data directory`);
      if (kept.token !== undefined)
        await (await import("../login/login.ts")).logout({ ...remove.opts(), profile: name }, terminal);
      await forgetProfile(environment, name);
      terminal.note(`${name}: forgotten`);
    });
}

const readNamed = (environment: Environment, name: string): Promise<Profile> =>
  readChosen({ name, path: profilePathOf(environment, name, "<name>"), because: "" });

/** One whose file cannot be read is there all the same, and says why. */
async function knownProfiles(environment: Environment, now: number): Promise<readonly Row[]> {
  const rows = profileNames(environment).map(async (name): Promise<Row | undefined> => {
    try {
      const kept = await readProfile(profilePathOf(environment, name, "profile"), "");
      return rowOf(name, kept, environment, now);
    } catch (error) {
      const { message } = error as Failure;
      if (message === "") return undefined; // this clone has no host
      return {
        name,
        url: null,
        signed_in_as: null,
        expires_at: null,
        state: message,
        in_use: isInUse(environment, name),
      };
    }
  });
  return (await Promise.all(rows)).filter((row) => row !== undefined);
}

const isInUse = (environment: Environment, name: string): boolean => chosenProfile(environment).name === name;

function rowOf(name: string, kept: Profile, environment: Environment, now: number): Row {
  const { url, token, tenant, subject, expires_at } = kept;
  const over = expires_at !== undefined && Date.parse(expires_at) <= now;
  return {
    name,
    url,
    signed_in_as: token === undefined || subject === undefined ? null : `${subject} in ${tenant ?? "?"}`,
    expires_at: token === undefined ? null : (expires_at ?? null),
    state: token === undefined ? "signed out" : over ? "expired" : "signed in",
    in_use: isInUse(environment, name),
    ...(currentProfile(environment) === name && !isInUse(environment, name) && { chosen: true }),
  };
}
