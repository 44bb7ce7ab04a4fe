/**
 * Source with a counter at the start of every branch: what a run of it has reached is then an array of numbers, exact for
 * each input and cheap to read. A branch is a function's body, an arm of `if` (also the one not written), `?:`, `&&`,
 * `||`, `??` or `switch`, a loop's body, a `catch`, a default value.
 */
import { stripTypeScriptTypes } from "node:module";
import { parse } from "acorn";

export interface Branch {
  readonly line: number;
  readonly what: string;
}

export interface Instrumented {
  /** JavaScript; it counts in the global `__branches`. */
  readonly source: string;
  readonly branches: readonly Branch[];
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly loc: { readonly start: { readonly line: number } };
  readonly [member: string]: unknown;
}

interface Edit {
  readonly at: number;
  readonly text: string;
  /** What ends here stands before what begins here. */
  readonly ends: boolean;
}

const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.type === "string";
const loops = new Set(["ForStatement", "ForInStatement", "ForOfStatement", "WhileStatement", "DoWhileStatement"]);
const functions = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);
const logicalAssignment = new Set(["&&=", "||=", "??="]);

/** The arms of a node that are nodes themselves. */
function armsOf(node: Node): Node[] {
  const { type } = node;
  if (type === "IfStatement" || type === "ConditionalExpression")
    return [node["consequent"], node["alternate"]].filter(isNode);
  if (type === "LogicalExpression" || type === "AssignmentPattern") return [node["right"]].filter(isNode);
  if (type === "AssignmentExpression" && logicalAssignment.has(node["operator"] as string))
    return [node["right"]].filter(isNode);
  if (loops.has(type) || functions.has(type) || type === "CatchClause") return [node["body"]].filter(isNode);
  return [];
}

/** @param first the number of this module's first counter */
export function instrument(typescript: string, first: number): Instrumented {
  // Types become blanks: places in the result are those of the source.
  const source = stripTypeScriptTypes(typescript);
  const program = parse(source, { ecmaVersion: "latest", sourceType: "module", locations: true }) as unknown as Node;
  const branches: Branch[] = [];
  const edits: Edit[] = [];
  const count = (node: Node, what: string): string => {
    branches.push({ line: node.loc.start.line, what });
    return `__branches[${first + branches.length - 1}]++`;
  };

  function visit(node: Node): void {
    const arms = new Set(armsOf(node));
    if (node.type === "SwitchCase") {
      const [statement] = node["consequent"] as readonly Node[];
      const at = statement?.start ?? node.end;
      edits.push({ at, text: `${count(node, "SwitchCase")};`, ends: statement === undefined });
    }
    for (const value of Object.values(node))
      for (const child of Array.isArray(value) ? value : [value])
        if (isNode(child)) {
          if (arms.has(child)) enterArm(node, child);
          else visit(child);
        }
    if (node.type === "IfStatement" && !isNode(node["alternate"]))
      edits.push({ at: node.end, text: ` else ${count(node, "no else")};`, ends: true });
  }

  function enterArm(parent: Node, arm: Node): void {
    const counter = count(arm, parent.type);
    if (arm.type === "BlockStatement") {
      edits.push({ at: arm.start + 1, text: `${counter};`, ends: false });
      visit(arm);
      return;
    }
    const [before, after] = /Statement$|Declaration$/.test(arm.type) ? [`{${counter};`, "}"] : [`(${counter},`, ")"];
    edits.push({ at: arm.start, text: before, ends: false });
    visit(arm);
    edits.push({ at: arm.end, text: after, ends: true });
  }

  visit(program);
  edits.sort((a, b) => a.at - b.at || Number(b.ends) - Number(a.ends)); // stable: else in the order of the walk
  let out = "";
  let at = 0;
  for (const edit of edits) {
    out += source.slice(at, edit.at) + edit.text;
    at = edit.at;
  }
  return { source: out + source.slice(at), branches };
}
