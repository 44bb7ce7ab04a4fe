/** What a resource is: one row in `resources/registry.ts`, one file beside it. */
import type { Answer } from "#shared/http/answer";
import type { Call } from "#shared/usecases/deps";
import type { Endpoint } from "#shared/usecases/enrolment-endpoints";
import type { Present } from "#shared/usecases/load";
import type { JwkKey } from "#shared/crypto/jose/jwk";
import type { BoundDeps } from "../function.ts";
import type { Urls } from "./urls.ts";

export interface Context {
  readonly deps: BoundDeps;
  readonly endpoint: Endpoint;
  readonly urls: Urls;
  /** What stands in the path behind the resource's name. */
  readonly ids: readonly string[];
  readonly query: URLSearchParams;
  /** Of the connection, for limits. */
  readonly address: string;
  readonly trace: string;
}

/** Signed by an account. */
export interface AccountContext extends Context {
  readonly account: Present<"acme-account">;
  readonly key: JwkKey;
  readonly payload: Uint8Array;
}

/** Signed by a key that names itself, or by an account. */
export interface KeyContext extends Context {
  readonly account: Present<"acme-account"> | undefined;
  readonly key: JwkKey;
  readonly payload: Uint8Array;
}

interface Named {
  /** Of the operation, for metrics. */
  readonly name: string;
  /** How many segments follow its name. */
  readonly ids: number;
}

export type Resource =
  | (Named & { readonly method: "GET"; run(context: Context): Promise<Answer> })
  | (Named & { readonly method: "POST"; readonly by: "account"; run(context: AccountContext): Promise<Answer> })
  | (Named & { readonly method: "POST"; readonly by: "key" | "either"; run(context: KeyContext): Promise<Answer> });

/** In the name of the account, with just the scopes that the step needs. */
export const accountCall = (
  { endpoint, trace }: Context,
  account: string,
  scopes: Call["principal"]["scopes"] = [],
): Call => ({
  principal: { tenant: endpoint.tenant, subject: accountSubject(account), roles: [], scopes },
  operation: "-",
  trace,
});

export const accountSubject = (account: string): string => `acme:account/${account}`;
