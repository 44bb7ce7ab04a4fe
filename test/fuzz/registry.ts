/** Every parser of bytes from outside: one row each. test/architecture/fuzz-targets.test.ts asks for what is missing. */
import type { TargetEntry } from "./target.ts";

const der = ["reader", "primitive", "values", "text", "time", "fields"].map((name) => `shared/pki/der/${name}.ts`);

export const targets: readonly TargetEntry[] = [
  {
    name: "der",
    covers: der,
    parsers: ["readDer"],
    load: () => import("./targets/der.ts"),
  },
  {
    name: "csr",
    covers: [
      ...der,
      ...["csr", "name", "key", "extension-values", "general-name", "identifier", "ip", "signature-algorithm"].map(
        (name) => `shared/pki/${name}.ts`,
      ),
    ],
    parsers: ["parseCsr"],
    load: () => import("./targets/csr.ts"),
  },
];
