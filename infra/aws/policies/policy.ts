/** What must hold of the templates of a deployment; `npm run synth` refuses templates of which it does not. */
import type { Deployment } from "../context.ts";
import type { Templates } from "./templates.ts";

export interface Policy {
  /** What holds, as a sentence. */
  readonly name: string;
  /**
   * @param templates canonical
   * @returns what is wrong, each with the place; nothing when all is well
   */
  check(templates: Templates, deployment: Deployment): readonly string[];
}
