import type { Principal } from "#shared/contracts/principal";
import { Failure } from "#shared/kernel/failure";

/** As it was sent; undefined: none, or none that could be one of ours. */
export const bearerToken = (headers: Headers): string | undefined =>
  /^Bearer ([\x21-\x7e]{1,300})$/i.exec(headers.get("authorization") ?? "")?.[1];

/** The principal of a bearer token. @throws Failure `unauthenticated`: no token, or one that opens nothing */
export function bearerAuthentication(authenticate: (token: string) => Promise<Principal | undefined>) {
  return async (headers: Headers): Promise<Principal> => {
    const token = bearerToken(headers);
    const principal = token === undefined ? undefined : await authenticate(token);
    if (principal !== undefined) return principal;
    throw new Failure(
      "unauthenticated",
      "send Authorization: Bearer <token>; on the host, `trstctl token create` makes one",
    );
  };
}
