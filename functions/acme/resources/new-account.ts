/** RFC 8555 7.3. */
import * as z from "zod";
import { acmeAccountKeyId } from "#shared/domain/acme-account/acme-account";
import { assertAcmeAccountValid } from "#shared/domain/acme-account/decide";
import { newId } from "#shared/crypto/random";
import type { Answer } from "#shared/http/answer";
import { change } from "#shared/usecases/commit";
import { countUse } from "#shared/usecases/enrolment-credentials";
import { existing, type Present } from "#shared/usecases/load";
import { accountAnswer } from "../account-view.ts";
import { checkedContact } from "../contact.ts";
import { boundCredential } from "../external-account.ts";
import { takeForAddress } from "../limits.ts";
import { jsonPayload } from "../payload.ts";
import { AcmeError } from "../problem.ts";
import { accountCall, type KeyContext } from "../resource.ts";
import { needsExternalAccount } from "./directory.ts";

const newAccountPayload = z.object({
  contact: z.array(z.string().max(320)).default([]),
  termsOfServiceAgreed: z.boolean().default(false),
  onlyReturnExisting: z.boolean().default(false),
  externalAccountBinding: z.unknown().optional(),
});

export async function newAccount(context: KeyContext): Promise<Answer> {
  const { deps, endpoint, urls, key } = context;
  const asked = jsonPayload(newAccountPayload, context.payload);
  const known = await accountOf(context);
  if (known !== undefined)
    return accountAnswer(urls, known.id, await agreed(context, known, asked.termsOfServiceAgreed));
  if (asked.onlyReturnExisting)
    throw new AcmeError("accountDoesNotExist", "no account of this endpoint has this key (RFC 8555 7.3.1)");
  const contact = checkedContact(asked.contact);
  const terms = endpoint.state.terms_of_service;
  if (terms !== undefined && !asked.termsOfServiceAgreed)
    throw new AcmeError("userActionRequired", `agree to the terms of service first: ${terms}`, {
      members: { instance: terms },
      headers: { link: `<${terms}>;rel="terms-of-service"` },
    });
  if (asked.externalAccountBinding === undefined && needsExternalAccount(endpoint.state))
    throw new AcmeError(
      "externalAccountRequired",
      "this endpoint needs externalAccountBinding: ask its operator for an enrolment credential (kid and MAC key)",
    );
  takeForAddress(deps.enrolmentLimits, context.address);
  const credential =
    asked.externalAccountBinding === undefined
      ? undefined
      : await boundCredential(context, asked.externalAccountBinding, key);
  const id = newId(deps.clock.now());
  try {
    const account = await change(deps, accountCall(context, id), async () => {
      // Somebody with the same key may have been faster.
      const taken = await deps.log.load(endpoint.tenant, "acme-account-key", keyId(context));
      if ((taken.state?.account ?? null) !== null) throw new TakenMeanwhile();
      const counted = credential && (await countUse(deps, endpoint.tenant, credential.id, `acme/${id}`));
      return {
        stream: await deps.log.load(endpoint.tenant, "acme-account", id),
        touches: [taken, ...(counted === undefined ? [] : [counted.touches])],
        event: {
          type: "acme-account.created",
          data: {
            endpoint: endpoint.label,
            jwk: key.jwk,
            thumbprint: key.thumbprint,
            contact,
            terms: terms ?? null,
            external_account: credential ? { credential: credential.id, names: credential.state.names } : null,
            ...(counted !== undefined && { credential: counted.use }),
          },
        },
      };
    });
    return accountAnswer(urls, id, (account as Present<"acme-account">).state, 201);
  } catch (error) {
    const faster = error instanceof TakenMeanwhile ? await accountOf(context) : undefined;
    if (faster === undefined) throw error;
    return accountAnswer(urls, faster.id, faster.state);
  }
}

class TakenMeanwhile extends Error {}

const keyId = ({ endpoint, key }: KeyContext): string => acmeAccountKeyId(endpoint.label, key.thumbprint);

/** The account that has this key. @throws Failure `forbidden` for one that was deactivated */
async function accountOf(context: KeyContext): Promise<Present<"acme-account"> | undefined> {
  const { deps, endpoint } = context;
  const { state } = await deps.log.load(endpoint.tenant, "acme-account-key", keyId(context));
  if (state === undefined || state.account === null) return undefined;
  const account = await existing(deps, endpoint.tenant, "acme-account", state.account);
  assertAcmeAccountValid(account.state);
  return account;
}

/** Who registers again and agrees has agreed to the terms as they are now (RFC 8555 7.3.3). */
async function agreed(context: KeyContext, account: Present<"acme-account">, agrees: boolean) {
  const { deps, endpoint } = context;
  const terms = endpoint.state.terms_of_service;
  if (!agrees || terms === undefined || terms === account.state.terms) return account.state;
  const after = await change(deps, accountCall(context, account.id), async () => ({
    stream: await existing(deps, endpoint.tenant, "acme-account", account.id),
    event: { type: "acme-account.terms-agreed", data: { terms } },
  }));
  return (after as Present<"acme-account">).state;
}
