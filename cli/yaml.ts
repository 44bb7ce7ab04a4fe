/** YAML 1.2 that readers of 1.1 understand the same way: what they would take for a date, a number or a yes is quoted. */
import { Document, visit } from "yaml";
import { plain } from "./output.ts";

/** Only between double quotes is `\u009b` an escape, and only there the blanks at a line's beginning are surely the text's. */
const staysAsItIs = (text: string): boolean => plain(text) === text && text !== "<<" && !/(^|\n)[ \t]/.test(text);

/** @returns the text, with nothing in it that the terminal would obey */
export function yaml(value: unknown): string {
  const document = new Document(value, { compat: "yaml-1.1", aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === "string" && !staysAsItIs(node.value)) node.type = "QUOTE_DOUBLE";
    },
  });
  return plain(document.toString({ lineWidth: 0 }));
}
