import type { AcmeAccount } from "#shared/domain/acme-account/acme-account";
import { type Answer, jsonAnswer } from "#shared/http/answer";
import type { Urls } from "./urls.ts";

/** An account object (RFC 8555 7.1.2). */
export function accountAnswer(urls: Urls, id: string, account: AcmeAccount, status = 200): Answer {
  const answer = jsonAnswer(
    {
      status: account.status,
      contact: account.contact,
      ...(account.terms !== null && { termsOfServiceAgreed: true }),
      orders: urls.orders(id),
    },
    status,
  );
  return { ...answer, headers: { ...answer.headers, location: urls.account(id) } };
}
