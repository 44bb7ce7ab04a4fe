/**
 * One API operation. The route, the OpenAPI document, the CLI command, the cross-tenant test and the idempotency rule
 * all come from this value; there is no second list.
 */
import * as z from "zod";
import type { Permission } from "./permissions.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What one request consists of, as on the wire. */
interface Example {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** Always, or when a field of the body has one of these values, or holds one of them. */
export type When = true | { readonly field: string; readonly values: readonly string[] };

/** @param body as the contract parsed it */
export function holds(when: When | false | undefined, body: unknown): boolean {
  if (when === undefined || typeof when === "boolean") return when === true;
  const value = (body as Readonly<Record<string, unknown>> | undefined)?.[when.field];
  return [value].flat().some((one) => typeof one === "string" && when.values.includes(one));
}

interface Described {
  /** `<group>.<verb>`; also the CLI command `trstctl <group> <verb>`. */
  readonly id: string;
  readonly method: Method;
  /** Below `/api/v1`; parameters as `{name}`. */
  readonly path: string;
  /** What the principal must hold. */
  readonly permission: Permission;
  readonly summary: string;
  /** A request that the contract takes, for the CLI's help and docs/cli.md; needed wherever something must be given. */
  readonly example?: Example;
  /** Path parameters, in the order of the path. */
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  readonly status: 200 | 201 | 204;
  readonly response?: z.ZodType;
  /** The answer carries a secret that is shown once; a replay says `already_shown`. */
  readonly showsSecret?: true;
}

/** Of what cannot be undone the contract says for each whether a session must be fresh. */
type Grave =
  | { readonly destructive?: undefined; readonly stepUp?: When }
  | {
      /** CLI and console ask before it; the CLI elsewhere wants `--yes`. */
      readonly destructive: When;
      /** A browser's session must have shown lately who is there (docs/design/0087-sessions-and-step-up.md). */
      readonly stepUp: When | false;
    };

export type Operation = Described & Grave;

export const operation = <const O extends Operation>(value: O): O => value;

/** Every mutation is idempotent by key (I6). */
export const isMutation = (operation: Operation): boolean => operation.method !== "GET";

/** How a field is given on the command line, where that is not `--field value`. */
export const cliFile = { cli: "file" } as const;

export const id = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[A-Za-z0-9._@:-]+$/, "letters, digits and . _ @ : - only");
export const name = z.string().trim().min(1).max(200);
/** In a list: only what uses this profile. */
export const profileFilter = id.optional().meta({ description: "only of this profile: its name, or `name@version`" });
/** `api`, or an enrolment protocol of the host; which there are is not the contract's to know. */
export const protocolName = z
  .string()
  .max(32)
  .regex(/^[a-z][a-z0-9-]*$/, "lower-case letters, digits and - only");
/** RFC 3339, UTC. */
export const timestamp = z.iso.datetime();

export const paging = {
  limit: z.coerce.number().int().min(1).max(100).default(20).meta({ description: "items a page, 1 to 100" }),
  cursor: z.string().max(400).optional().meta({ description: "`next_cursor` of the page before" }),
};

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });

export const exampleId = "019e1b2c-7d3a-7c41-8a5e-0f6b2d9c4e71";
export const exampleCertificateId = "k7m2q9x4-5f0c1a2b";
export const exampleCsr = "-----BEGIN CERTIFICATE REQUEST-----\nMIH...\n-----END CERTIFICATE REQUEST-----";

export const idParams = z.object({ id });
