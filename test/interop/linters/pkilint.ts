/** pkilint over many objects: each by every of its commands that is for its kind. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { succeed } from "#test/run";
import type { Emitted } from "../emitted.ts";
import { pkilintPython } from "../tools/pkilint.ts";
import type { ForeignFinding, Linter } from "./linter.ts";
import { acknowledged } from "./pkilint-acknowledged.ts";

const batch = fileURLToPath(new URL("pkilint-batch.py", import.meta.url));
const standard = ["-s", "WARNING", "-f", "JSON", "--document-format", "DER"];

interface Command {
  readonly name: string;
  readonly words: readonly string[];
}
const pkix: Command = { name: "lint_pkix_cert", words: ["lint"] };
const serverAuth = (type: string): Command => ({ name: "lint_cabf_serverauth_cert", words: ["lint", "-t", type] });

/** The CA/B rules are asked of what promises to keep them. */
function commandsFor({ kind, profile }: Emitted): readonly Command[] {
  switch (kind) {
    case "root":
    case "issuing CA":
    case "RA":
      return [pkix];
    case "leaf":
      return profile === "public-tls" ? [pkix, serverAuth("DV-FINAL-CERTIFICATE")] : [pkix];
    case "OCSP responder":
      return [pkix, serverAuth("OCSP-RESPONDER")];
    case "CRL":
      return [{ name: "lint_crl", words: ["lint", "-t", "CRL", "-p", "BR"] }];
    case "OCSP response":
      return [{ name: "lint_ocsp_response", words: ["lint"] }];
  }
}

interface Answer {
  readonly failure?: string;
  readonly report?: {
    readonly results: readonly {
      readonly node_path: string;
      readonly finding_descriptions: readonly { severity: string; code: string; message: string | null }[];
    }[];
  };
}

function findingsIn(object: Emitted, { failure, report }: Answer): ForeignFinding[] {
  if (report === undefined) return [{ object, code: "unreadable", text: failure ?? "no answer" }];
  return report.results.flatMap(({ node_path, finding_descriptions }) =>
    finding_descriptions.map(({ severity, code, message }) => ({
      object,
      code,
      text: `${severity} ${message ?? ""} at ${node_path}`,
    })),
  );
}

export const pkilint: Linter = {
  name: "pkilint",
  acknowledged,
  async lint(objects, directory) {
    const asked = objects.flatMap((object, at) => {
      const file = join(directory, `${at}.pkilint.der`);
      writeFileSync(file, object.der);
      return commandsFor(object).map(({ name, words }) => ({ object, line: [name, ...words, ...standard, file] }));
    });
    const input = asked.map(({ line }) => `${JSON.stringify(line)}\n`).join("");
    const answers = (await succeed(pkilintPython(), [batch], { input })).trimEnd().split("\n");
    if (answers.length !== asked.length) throw new Error(`pkilint: ${asked.length} asked, ${answers.length} answers`);
    return asked.flatMap(({ object }, at) => findingsIn(object, JSON.parse(answers[at] ?? "{}") as Answer));
  },
};
