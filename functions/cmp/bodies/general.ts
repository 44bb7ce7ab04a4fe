/** genm (RFC 9810 5.3.19, RFC 9483 4.3): what a requester may ask about the CA, one handler for each. */
import { sameBytes } from "#shared/kernel/bytes";
import { infoTypeDer, type InfoTypeAndValue, parseInfoTypes } from "#shared/pki/cmp/info-type";
import type { InfoTypeName } from "#shared/pki/cmp/oids";
import { sequenceOf } from "#shared/pki/der/writer";
import type { Exchange, Reply } from "../exchange.ts";
import { issuerCertificates, trustedCertificates } from "../issuer-certificates.ts";
import { refuse } from "../refusal.ts";
import { currentCrls } from "./certificate-lists.ts";
import { requestTemplate } from "./request-template.ts";

type Answer = (exchange: Exchange, value: InfoTypeAndValue["value"]) => Promise<Uint8Array>;

const caCerts: Answer = async (exchange) => infoTypeDer("caCerts", sequenceOf(await issuerCertificates(exchange)));

/** A root is never replaced under the same name here: there is no update, which is said by leaving the value out. */
const rootCaCert: Answer = async (exchange, value) => {
  const [root] = await trustedCertificates(exchange);
  if (value !== undefined && root !== undefined && !sameBytes(value.raw, root))
    throw refuse("badCertId", "rootCaCert is not the root of this endpoint");
  return infoTypeDer("rootCaKeyUpdate");
};

/** What is not here is refused, whether it is known or not. */
const answers: Partial<Readonly<Record<InfoTypeName, Answer>>> = {
  caCerts,
  rootCaCert,
  certReqTemplate: requestTemplate,
  crlStatusList: currentCrls,
};
export const servedInfoTypes = Object.keys(answers) as InfoTypeName[];

export async function general(exchange: Exchange): Promise<Reply> {
  const asked = parseInfoTypes(exchange.message.content, "GenMsgContent");
  const content: Uint8Array[] = [];
  for (const { type, value } of asked) {
    const answer = Object.hasOwn(answers, type) ? answers[type as InfoTypeName] : undefined;
    if (answer === undefined)
      throw refuse("badRequest", `general message ${type} is not served; served are ${servedInfoTypes.join(", ")}`);
    content.push(await answer(exchange, value));
  }
  return { type: "genp", content: sequenceOf(content), decision: "allow" };
}
