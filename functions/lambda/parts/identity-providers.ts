/**
 * Identity providers, from a parameter that the operator writes when they like: it is looked at again every five minutes, so
 * that a provider who is taken away is gone in every environment, however long that lives.
 */
import { ssmClient } from "#shared/adapters/aws/settings";
import { fetchSignIn } from "#shared/adapters/aws/sign-in-parameter";
import { createProviders } from "#shared/adapters/oidc/providers";
import type { SignInParameter } from "#shared/contracts/config/sign-in-parameter";
import { utf8 } from "#shared/kernel/bytes";
import { isFailure } from "#shared/kernel/failure";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import type { ConfiguredProvider } from "#shared/ports/identity-provider";
import type { LambdaDeps, Part } from "../deps.ts";
import { required } from "../shell.ts";

const keptMs = 5 * 60_000;
/** After Systems Manager did not answer. */
const againMs = 30_000;

/** @throws (its start, and `renewSignIn`) Failure `misconfigured`: with a wrong document nobody signs in at all */
export const identityProviders: Part = async (shell, deps) => {
  const name = required(shell, "TRSTCTL_SIGN_IN_PARAMETER");
  const client = ssmClient();
  const signIn = new Map<string, ConfiguredProvider>();
  let known: string | undefined;
  let dueAt = 0;

  async function renew(): Promise<void> {
    const found = await fetchSignIn(client, name);
    const text = JSON.stringify(found, (_, value: unknown) => (value instanceof Map ? [...value] : value)) ?? "";
    // What is remembered of a provider stays as long as its settings do.
    if (text !== known) {
      signIn.clear();
      for (const [id, provider] of providersOf(found, deps)) signIn.set(id, provider);
      known = text;
    }
    dueAt = deps.clock.now() + keptMs;
  }

  await renew();
  return {
    signIn,
    async renewSignIn() {
      if (deps.clock.now() < dueAt) return;
      try {
        await renew();
      } catch (error) {
        shell.report(error, { operation: "sign-in settings" });
        if (!isFailure(error, "unavailable")) {
          signIn.clear();
          known = undefined;
          throw error;
        }
        dueAt = deps.clock.now() + againMs;
      }
    },
  };
};

function providersOf(found: SignInParameter | undefined, deps: LambdaDeps): ReadonlyMap<string, ConfiguredProvider> {
  if (found === undefined) return new Map();
  const { settings, authorities } = found;
  const secrets = new Map([...found.secrets].map(([id, secret]) => [id, new SecretBytes(utf8(secret))]));
  return createProviders(settings, { secrets, authorities }, { egress: deps.egress, clock: deps.clock });
}
