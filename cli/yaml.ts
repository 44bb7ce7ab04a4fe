/** YAML 1.2 that readers of 1.1 understand the same way: what they would take for a date, a number or a yes is quoted. */
import { Document, visit } from "yaml";
import { plain } from "./output.ts";

/** @returns the text, with nothing in it that the terminal would obey */
export function yaml(value: unknown): string {
  const document = new Document(value, { compat: "yaml-1.1", aliasDuplicateObjects: false });
  visit(document, {
    // Only between double quotes is `\u009b` an escape.
    Scalar: (_, node) => {
      if (typeof node.value === "string" && (plain(node.value) !== node.value || node.value === "<<"))
        node.type = "QUOTE_DOUBLE";
    },
  });
  return plain(document.toString({ lineWidth: 0 }));
}
