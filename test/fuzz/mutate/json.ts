/** Changes of a JSON document by its values; what is no JSON is changed as bytes. */
import type { Random } from "../random.ts";
import { type Mutate, mutateBytes, type Mutation } from "./bytes.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const values: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1,
  0.5,
  1e308,
  2 ** 53,
  -(2 ** 31),
  "",
  " ",
  "\0",
  "a",
  "-",
  "\ud800",
  "\u202e",
  "é",
  "a".repeat(300),
  "9".repeat(40),
  "2026-11-25T00:00:00Z",
  "2026-02-30T00:00:00.000Z",
  "__proto__",
  "constructor",
  "*.example.test",
  "a.example.test",
  "192.0.2.1",
  "::1",
  "urn:a:b",
  "a@b.test",
  [],
  [[]],
  {},
  [null],
  { a: null },
];

const nested = (depth: number): Json => {
  let value: Json = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};

type Path = readonly (string | number)[];

function paths(value: Json, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, member]) => paths(member as Json, [...path, key]))];
}

const at = (value: Json, path: Path): Json =>
  path.reduce<Json>((node, key) => (node as Record<string, Json>)[key] ?? null, value);

/** @param change gives the new value; undefined takes the member away */
function replaced(value: Json, path: Path, change: (old: Json) => Json | undefined): Json {
  const [key, ...rest] = path;
  if (key === undefined) return change(value) ?? null;
  const entries = Object.entries(value as Record<string, Json>).flatMap(([name, member]) => {
    if (name !== String(key)) return [[name, member] as const];
    const next = rest.length === 0 ? change(member) : replaced(member, rest, change);
    return next === undefined ? [] : [[name, next] as const];
  });
  if (Array.isArray(value)) return entries.map(([, member]) => member);
  return record(entries);
}

/** `__proto__` too becomes a member of its own, as JSON.parse makes it. */
const record = (entries: readonly (readonly [string, Json])[]): Json => Object.fromEntries(entries);

type Change = (old: Json, mutation: Mutation) => Json | undefined;

const word = ({ random, dictionary }: Mutation): string =>
  dictionary.length === 0
    ? random.pick(["a", "__proto__", "id"])
    : Buffer.from(random.pick(dictionary)).toString("utf8");

const changes: readonly Change[] = [
  () => undefined,
  (_, { random }) => structuredClone(random.pick(values)),
  (_, mutation) => word(mutation),
  (old, mutation) =>
    typeof old === "string" ? Buffer.from(mutateBytes(Buffer.from(old), mutation)).toString("utf8") : word(mutation),
  (old, mutation) =>
    typeof old === "string" ? Buffer.from(mutateBytes(Buffer.from(old), mutation)).toString("latin1") : old,
  (old, { random }) => (typeof old === "number" ? old + random.below(9) - 4 : random.below(1_000_000)),
  (old, { random }) => (typeof old === "string" ? old.repeat(random.pick([0, 2, 20])).slice(0, 2_000) : old),
  (old) => [old],
  (old) => (Array.isArray(old) ? [...old, ...old] : { value: old }),
  (old, mutation) =>
    typeof old === "object" && old !== null && !Array.isArray(old)
      ? record([...Object.entries(old), [word(mutation), structuredClone(mutation.random.pick(values))]])
      : old,
  (old, mutation) => (Array.isArray(old) ? [...old, structuredClone(mutation.random.pick(values))] : old),
  (_, { random }) => nested(random.below(50)),
  (old, { random, other }) => {
    const donor = readJson(other);
    return donor === undefined ? old : at(donor, random.pick(paths(donor)));
  },
];

function readJson(bytes: Uint8Array): Json | undefined {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8")) as Json;
  } catch {
    return undefined;
  }
}

const change = (random: Random, value: Json, mutation: Mutation): Json =>
  replaced(value, random.pick(paths(value)), (old) => random.pick(changes)(old, mutation));

export const mutateJson: Mutate = (input, mutation) => {
  const { random } = mutation;
  const value = random.oneIn(8) ? undefined : readJson(input);
  if (value === undefined) return mutateBytes(input, mutation);
  let next = value;
  do next = change(random, next, mutation);
  while (random.oneIn(2));
  const bytes = Buffer.from(JSON.stringify(next));
  return random.oneIn(12) ? mutateBytes(bytes, mutation) : bytes;
};
