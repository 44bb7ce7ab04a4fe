/** The other way round: what other linters find broken, ours find too, before it would be signed. */
import { beforeAll, describe, expect, it } from "vitest";
import { isFailure } from "#shared/kernel/failure";
import { parseTbsCertificate } from "#shared/pki/certificate";
import { parseTbsCertList } from "#shared/pki/crl";
import { readDer } from "#shared/pki/der/reader";
import { lintResponseData, lintTbsCertificate, lintTbsCertList } from "#shared/pki/lint/registry";
import type { Finding } from "#shared/pki/lint/rule";
import { parseOcspResponse, parseTbsResponseData } from "#shared/pki/ocsp";
import { temporaryDirectory } from "#test/e2e/host";
import type { Emitted } from "./emitted.ts";
import { linters } from "./linters/registry.ts";
import { mutants } from "./mutants/registry.ts";

const scope = { conformsTo: "cabf-tls" } as const;

/** The part that is signed. */
const tbsOf = (der: Uint8Array): Uint8Array =>
  readDer(der, { maxElements: 10_000 }).children()[0]?.raw ?? new Uint8Array(0);

function lint({ kind, der }: Emitted): Finding[] {
  if (kind === "CRL") return lintTbsCertList(parseTbsCertList(tbsOf(der)), "crl", {}, scope);
  if (kind === "leaf") return lintTbsCertificate(parseTbsCertificate(tbsOf(der)), { kind: "leaf" }, scope);
  if (kind === "issuing CA") return lintTbsCertificate(parseTbsCertificate(tbsOf(der)), { kind: "issuing-ca" });
  const { basic } = parseOcspResponse(der);
  return lintResponseData(parseTbsResponseData(basic?.tbs ?? new Uint8Array(0)), {}, scope);
}

/** Ids of our rules that a whole object breaks. */
function ours(object: Emitted): string[] {
  try {
    return lint(object).map(({ id }) => id);
  } catch (error) {
    if (!isFailure(error, "malformed")) throw error;
    return ["encoding"];
  }
}

/** What each linter says of an object, by its name. */
const said = new Map<Emitted, Map<string, string[]>>();
beforeAll(async () => {
  const objects = mutants.flatMap(({ sound, broken }) => [sound, ...broken]);
  for (const object of objects) said.set(object, new Map());
  for (const { name, lint: ask } of linters) {
    const findings = await ask(objects, temporaryDirectory());
    for (const object of objects)
      said.get(object)?.set(
        name,
        findings.filter((finding) => finding.object === object).map(({ code }) => code),
      );
  }
});

describe.each(mutants)("$sound.kind", ({ sound, broken }) => {
  it("the sound one breaks none of our rules", () => {
    expect(ours(sound)).toEqual([]);
  });

  it.each(broken)("$name: found by ours as $ours, and by $by", (mutant) => {
    expect(ours(mutant)).toContain(mutant.ours);
    const beyond = [...(said.get(mutant) ?? [])].map(([name, codes]) => {
      const usual = said.get(sound)?.get(name) ?? [];
      return { name, codes: codes.filter((code) => !usual.includes(code)) };
    });
    const finders = beyond.filter(({ codes }) => codes.length > 0).map(({ name }) => name);
    expect(finders, JSON.stringify(beyond)).toEqual([...mutant.by]);
  });
});
