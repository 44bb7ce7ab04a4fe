import { promises } from "node:dns";
import { Failure } from "#shared/kernel/failure";
import { ipBytes, ipText } from "#shared/pki/ip";
import type { CaaRecord, DnsAnswer, Resolver } from "#shared/ports/resolver";

/** With a second try that waits twice as long: 7.5 s for a resolver that is silent. */
const timeoutMs = 2_500;
const tries = 2;

type CaaAnswer = Awaited<ReturnType<promises.Resolver["resolveCaa"]>>[number];

/** The flag of RFC 8659 4.1, bit 0 of eight counted from the left. */
const criticalBit = 0x80;
const unreadable: CaaRecord = { critical: true, tag: "", value: "" };

/** Node names the property after the tag: a tag that it also uses itself, or cannot set, is one that nobody knows. */
function caaRecord(answer: CaaAnswer): CaaRecord {
  const { critical: flags, type: _type, ...rest } = answer as unknown as Readonly<Record<string, unknown>>;
  const [property, ...others] = Object.entries(rest);
  if (typeof flags !== "number" || property === undefined || others.length > 0) return unreadable;
  return { critical: (flags & criticalBit) !== 0, tag: property[0].toLowerCase(), value: String(property[1]) };
}

const codeOf = (error: unknown): string => String((error as { readonly code?: unknown }).code);

export interface ResolverOptions {
  /** `address` or `address:port`, IPv6 in brackets; empty: those of the system. */
  readonly servers: readonly string[];
}

/** By c-ares, which follows RFC 2181 5.4.1 and 9: only answers to the question, over TCP when the first was cut. */
export function systemResolver({ servers }: ResolverOptions): Resolver {
  /** One for each look-up: questions that share one share its UDP port, which who answers unasked has to guess (RFC 5452). */
  const resolver = (): promises.Resolver => {
    const own = new promises.Resolver({ timeout: timeoutMs, tries });
    if (servers.length > 0) own.setServers(servers);
    return own;
  };

  async function ask<T>(what: string, name: string, work: Promise<T[]>): Promise<DnsAnswer<T>> {
    try {
      return { records: await work, exists: true };
    } catch (cause) {
      const code = codeOf(cause);
      if (code === promises.NODATA) return { records: [], exists: true };
      if (code === promises.NOTFOUND) return { records: [], exists: false };
      throw new Failure("unavailable", `DNS ${what} look-up of ${name}: ${said[code] ?? code}`, { cause });
    }
  }

  const canonical = (text: string): string => {
    const bytes = ipBytes(text);
    return bytes === undefined ? text : ipText(bytes);
  };

  return {
    async addresses(name) {
      const answers = await Promise.allSettled([
        ask("AAAA", name, resolver().resolve6(name)),
        ask("A", name, resolver().resolve4(name)),
      ]);
      const got = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
      const records = got.flatMap((answer) => answer.records).map(canonical);
      const failed = answers.find((answer) => answer.status === "rejected");
      // Load balancers that know IPv4 alone fail for AAAA: an address of the other family is one all the same.
      if (failed !== undefined && records.length === 0) throw failed.reason;
      return { records, exists: got.some(({ exists }) => exists) };
    },
    async txt(name) {
      const { records, exists } = await ask("TXT", name, resolver().resolveTxt(name));
      return { records: records.map((strings) => strings.join("")), exists };
    },
    async caa(name) {
      const work = resolver()
        .resolveCaa(name)
        .then(
          (records) => records.map(caaRecord),
          (error: unknown) => {
            // c-ares refuses a set in which one has no value; what it says may forbid.
            if (codeOf(error) === promises.BADRESP) return [unreadable];
            throw error;
          },
        );
      return ask("CAA", name, work);
    },
  };
}

const said: Readonly<Record<string, string>> = {
  [promises.SERVFAIL]: "the resolver failed (SERVFAIL: DNSSEC, or the zone's servers do not answer)",
  [promises.REFUSED]: "the resolver refused (REFUSED)",
  [promises.TIMEOUT]: "no answer in time",
  [promises.CONNREFUSED]: "the resolver cannot be reached",
  [promises.FORMERR]: "the resolver did not understand (FORMERR)",
  [promises.NOTIMP]: "the resolver does not do this (NOTIMP)",
  [promises.BADRESP]: "the answer cannot be read",
  [promises.BADNAME]: "the name cannot be asked for",
};
