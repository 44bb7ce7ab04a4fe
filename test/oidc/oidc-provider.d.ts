/** As much of `oidc-provider` as provider-main.ts uses; the package has no types of its own. */
declare module "oidc-provider" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  interface Grant {
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  }

  interface Context {
    readonly oidc: {
      readonly session?: { readonly accountId?: string };
      readonly client?: { readonly clientId: string };
      readonly provider: Provider & {
        readonly Grant: new (of: { readonly accountId: string; readonly clientId: string }) => Grant;
      };
    };
  }

  interface Account {
    readonly accountId: string;
    claims(): object;
  }

  interface Configuration {
    readonly clients: readonly object[];
    readonly pkce: object;
    readonly features: object;
    fetch(url: URL | string, options: RequestInit & { readonly dispatcher?: unknown }): Promise<Response>;
    readonly discovery: object;
    readonly conformIdTokenClaims: boolean;
    readonly claims: Readonly<Record<string, readonly string[]>>;
    readonly cookies: object;
    findAccount(context: Context, sub: string): Account | undefined;
    loadExistingGrant(context: Context): Promise<Grant | undefined>;
  }

  export default class Provider {
    constructor(issuer: string, configuration: Configuration);
    on(event: "backchannel.error", listener: (context: Context, error: Error) => void): void;
    callback(): (request: IncomingMessage, response: ServerResponse) => unknown;
  }
}
