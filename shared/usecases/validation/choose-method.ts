/** By which method a name can be validated from here, before anybody orders: what a client is best told to use. */
import { Failure } from "#shared/kernel/failure";
import { dnsNameProblem } from "#shared/pki/identifier";
import { ipBytes, ipText } from "#shared/pki/ip";
import { type ChallengeType, type Identifier, methodsFor, type ValidationDeps } from "./challenge.ts";
import { checkCaa } from "./check-caa.ts";
import { getForHttp01 } from "./http-01.ts";

export interface MethodQuestion {
  /** A DNS name, a wildcard or an address. */
  readonly name: string;
  /** The client's own wish: it wins where it can prove the name at all. */
  readonly method?: ChallengeType | undefined;
  /** Whether the client can set records in the name's zone. */
  readonly dnsManaged: boolean;
  /** The endpoint's opt-in (I11). */
  readonly privateNetworks: boolean;
}

export interface MethodChoice {
  readonly method: ChallengeType;
  /** Why this one. */
  readonly reason: string;
  /** Why CAA would refuse that; undefined: it would not. Nothing is known yet of the account. */
  readonly caa: string | undefined;
}

/** @throws Failure `invalid_field` for what is no name, `unprocessable` when no method proves it */
export async function chooseMethod(deps: ValidationDeps, question: MethodQuestion): Promise<MethodChoice> {
  const wildcard = question.name.startsWith("*.");
  const identifier = identifierOf(wildcard ? question.name.slice(2) : question.name);
  const chosen = await choose(deps, question, identifier, wildcard);
  if (identifier.type === "ip") return { ...chosen, caa: undefined };
  const asked = { name: identifier.value, wildcard, accountUri: "", method: chosen.method };
  const verdict = await checkCaa(deps, asked);
  return { ...chosen, caa: verdict.allowed ? undefined : verdict.detail };
}

function identifierOf(text: string): Identifier {
  const octets = ipBytes(text);
  if (octets !== undefined) return { type: "ip", value: ipText(octets) };
  const value = text.toLowerCase();
  const problem = dnsNameProblem(value, "refused");
  if (problem === undefined) return { type: "dns", value };
  throw new Failure("invalid_field", `${JSON.stringify(text.slice(0, 300))} ${problem}`, { field: "name" });
}

async function choose(
  deps: ValidationDeps,
  { method, dnsManaged, privateNetworks }: MethodQuestion,
  identifier: Identifier,
  wildcard: boolean,
): Promise<Omit<MethodChoice, "caa">> {
  const possible = methodsFor(identifier, wildcard);
  if (method !== undefined) {
    if (possible.includes(method)) return { method, reason: "asked for" };
    const what = wildcard ? "a wildcard" : "an address";
    throw new Failure("unprocessable", `${method} cannot prove ${what}; ${possible.join(", ")} can`, {
      field: "method",
    });
  }
  if (wildcard) {
    if (dnsManaged) return { method: "dns-01", reason: "nothing else proves a wildcard" };
    throw new Failure(
      "unprocessable",
      "a wildcard is proven by dns-01 alone: records must be set in its zone; say that you can, or order each name",
      { field: "dns_managed" },
    );
  }
  const answer = await getForHttp01(deps, identifier, "preflight", privateNetworks);
  // Whatever came: somebody answers HTTP there.
  if (answer.reached || answer.why === "response") return { method: "http-01", reason: "its HTTP port answers" };
  const closed = `its HTTP port does not answer (${answer.detail})`;
  return dnsManaged && possible.includes("dns-01")
    ? { method: "dns-01", reason: `${closed}, and records can be set` }
    : { method: "tls-alpn-01", reason: closed };
}
