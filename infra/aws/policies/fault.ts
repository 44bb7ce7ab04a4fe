/**
 * Changing canonical templates, to see whether a policy notices. In values `<core/AcmeRole.Arn>` stands for the resource whose
 * logical id is that and a hash, in the stack of that kind.
 */
import type { Json, JsonObject, Templates } from "./templates.ts";

/** To be done to templates that may be changed. */
export type Fault = (templates: Templates) => void;

/** Property names, places in lists, and `#<Sid>` for the statement of that id. */
type Path = readonly (string | number)[];

interface Target {
  readonly stack: string;
  readonly type: string;
  /** Logical id, without the hash behind it. */
  readonly id: string;
}

type Draft = Record<string | number, unknown>;

function draftOf(templates: Templates, { stack, type, id }: Target): Draft {
  const found = Object.entries(stackOf(templates, stack).resources).filter(
    ([name, { Type }]) => Type === `AWS::${type}` && plain(name) === id,
  );
  const [first] = found;
  if (found.length !== 1 || first === undefined) throw new TypeError(`${found.length} ${type} ${id} in ${stack}`);
  return first[1] as unknown as Draft;
}

function walk(from: Draft, path: Path): Draft {
  let draft = from;
  for (const step of path) {
    const next =
      typeof step === "string" && step.startsWith("#")
        ? Object.values(draft).find((one) => (one as JsonObject)["Sid"] === step.slice(1))
        : draft[step];
    if (typeof next !== "object" || next === null) throw new TypeError(`there is no ${path.join(".")}`);
    draft = next as Draft;
  }
  return draft;
}

const stackOf = (templates: Templates, kind: string) => {
  const found = [...templates].find(([name]) => name.endsWith(`-${kind}`));
  if (found === undefined) throw new TypeError(`there is no stack ${kind}`);
  return { name: found[0], resources: found[1].Resources };
};

const plain = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, "");

const expand = (templates: Templates, value: unknown): unknown =>
  value === undefined
    ? undefined
    : (JSON.parse(
        JSON.stringify(value).replaceAll(
          /<(data|keys|core)\/(\w+)((?:\.\w+)?)>/g,
          (_, kind: string, id: string, rest: string) => {
            const { name, resources } = stackOf(templates, kind);
            const found = Object.keys(resources).find((one) => plain(one) === id);
            if (found === undefined) throw new TypeError(`there is no ${id} in ${kind}`);
            return `<${name}/${found}${rest}>`;
          },
        ),
      ) as unknown);

/** @param value undefined takes the property away; a function makes one from what is there */
export const set =
  (target: Target, path: Path, value: Json | undefined | ((old: never) => Json)): Fault =>
  (templates) => {
    const draft = walk(draftOf(templates, target), path.slice(0, -1));
    const last = path.at(-1) ?? "";
    const step = typeof last === "string" && last.startsWith("#") ? indexOf(draft, last) : last;
    const fresh = expand(templates, typeof value === "function" ? value(draft[step] as never) : value);
    if (fresh === undefined && Array.isArray(draft)) draft.splice(Number(step), 1);
    else if (fresh === undefined) delete draft[step];
    else draft[step] = fresh;
  };

const indexOf = (list: Draft, sid: string): number => {
  const index = Object.values(list).findIndex((one) => (one as JsonObject)["Sid"] === sid.slice(1));
  if (index < 0) throw new TypeError(`there is no statement ${sid}`);
  return index;
};

export const remove = (target: Target, path: Path): Fault => set(target, path, undefined);

export const append = (target: Target, path: Path, value: Json): Fault =>
  set(target, path, (old: readonly Json[]) => [...old, value]);

/** The resource itself. */
export const drop =
  (target: Target): Fault =>
  (templates) => {
    const draft = draftOf(templates, target);
    for (const { Resources } of templates.values()) {
      const id = Object.entries(Resources).find(([, one]) => (one as unknown) === draft)?.[0];
      if (id !== undefined) delete (Resources as Record<string, unknown>)[id];
    }
  };

export const add =
  (stack: string, id: string, type: string, properties: JsonObject): Fault =>
  (templates) => {
    const { resources } = stackOf(templates, stack);
    Object.assign(resources, { [id]: { Type: `AWS::${type}`, Properties: expand(templates, properties) } });
  };
