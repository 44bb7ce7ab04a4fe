/** Paths of CMP over HTTP (RFC 9811 3.4, RFC 9483 6): a label, and an operation that the message must then be. */
import { Failure } from "#shared/kernel/failure";
import type { BodyType } from "#shared/pki/cmp/body-type";
import type { InfoTypeName } from "#shared/pki/cmp/oids";

const prefix = "/.well-known/cmp";

interface Operation {
  readonly types: readonly BodyType[];
  /** Of a general message: what it must ask for. */
  readonly info?: InfoTypeName;
}

/** What a requester sends after its request goes the same way (RFC 9483 6.1). */
const following: readonly BodyType[] = ["certConf", "pollReq", "error"];
const general = (info: InfoTypeName): Operation => ({ types: ["genm"], info });

const operations = {
  initialization: { types: ["ir", ...following] },
  certification: { types: ["cr", ...following] },
  keyupdate: { types: ["kur", ...following] },
  pkcs10: { types: ["p10cr", ...following] },
  revocation: { types: ["rr"] },
  getcacerts: general("caCerts"),
  getrootupdate: general("rootCaCert"),
  getcertreqtemplate: general("certReqTemplate"),
  getcrls: general("crlStatusList"),
  nested: { types: ["nested"] },
} as const satisfies Record<string, Operation>;
export type OperationLabel = keyof typeof operations;

export interface Addressed {
  /** Undefined: the endpoint that is marked default. */
  readonly label: string | undefined;
  /** Undefined: any message. */
  readonly operation: Operation | undefined;
}

const isOperation = (segment: string): segment is OperationLabel => Object.hasOwn(operations, segment);

/** @throws Failure `not_found` for a path of another shape */
export function readPath(path: string): Addressed {
  const segments = path.slice(prefix.length).split("/").slice(1);
  const [first, label, ...rest] = segments;
  const operation = first === "p" ? rest.shift() : segments.shift();
  const labelled = first === "p" ? label : undefined;
  const isServed =
    path.startsWith(prefix) &&
    (path.length === prefix.length || path[prefix.length] === "/") &&
    (first !== "p" || label !== undefined) &&
    (first === "p" ? rest : segments).length === 0 &&
    (operation === undefined || isOperation(operation));
  if (!isServed)
    throw new Failure(
      "not_found",
      `there is nothing here; served are ${prefix}[/p/<label>][/<operation>] with ${Object.keys(operations).join(", ")}`,
    );
  return { label: labelled, operation: operation === undefined ? undefined : operations[operation as OperationLabel] };
}
