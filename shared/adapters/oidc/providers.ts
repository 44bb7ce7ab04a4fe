/** The operator's document as providers that can be asked; the same on one machine and on AWS. */
import type { SignInSettings } from "#shared/contracts/config/sign-in";
import type { SecretBytes } from "#shared/kernel/secret-bytes";
import type { SignInByProvider } from "#shared/ports/identity-provider";
import { openIdProvider, type ProviderDeps } from "./provider.ts";

/** By the id of the provider. */
export interface ProviderSecrets {
  readonly secrets: ReadonlyMap<string, SecretBytes>;
  /** PEM. */
  readonly authorities: ReadonlyMap<string, string>;
}

export function createProviders(
  { providers }: SignInSettings,
  { secrets, authorities }: ProviderSecrets,
  deps: ProviderDeps,
): SignInByProvider {
  return new Map(
    Object.entries(providers).map(([id, settings]) => {
      const options = { settings, secret: secrets.get(id), authorities: authorities.get(id) };
      const { title, sign_out_at_provider: signOutThere } = settings;
      return [id, { id, title, signOutThere, mapping: settings, provider: openIdProvider(options, deps) }];
    }),
  );
}
