/** Text of our own, read back: what is not as it was written is `corrupt` here, before anybody trips over it elsewhere. */
import { Failure } from "#shared/kernel/failure";

/** For each member what it must be; members that are not named are not looked at. */
export type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

export const isText = (value: unknown): boolean => typeof value === "string";
export const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
export const isObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** True for an object whose members are as the shape says. */
export const hasShape = (value: unknown, shape: Shape): boolean =>
  isObject(value) && Object.entries(shape).every(([name, holds]) => holds((value as Record<string, unknown>)[name]));

/**
 * @param what for the message: `the head of lane 0`
 * @throws Failure `corrupt`
 */
export function readStored<T extends object>(body: string, what: string, shape: Shape): T {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new Failure("corrupt", `${what} cannot be read`, { cause });
  }
  if (!hasShape(value, shape)) throw new Failure("corrupt", `${what} is not what was written`);
  return value as T;
}
