/** The three functions of `reflect-metadata` that `@peculiar/x509` asks for at import; import this before it. */
const stored = new WeakMap<object, Map<unknown, unknown>>();

const defineMetadata = (key: unknown, value: unknown, target: object): void => {
  const own = stored.get(target) ?? new Map<unknown, unknown>();
  stored.set(target, own.set(key, value));
};

const getOwnMetadata = (key: unknown, target: object): unknown => stored.get(target)?.get(key);

function getMetadata(key: unknown, target: object | null): unknown {
  for (let at = target; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const found = getOwnMetadata(key, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

const metadata = (key: unknown, value: unknown) => (target: object) => defineMetadata(key, value, target);

Object.assign(Reflect, { defineMetadata, getOwnMetadata, getMetadata, metadata });
export {};
