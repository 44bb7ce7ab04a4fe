/** What a function works with on AWS. It names the parts that it reaches; only those are in its bundle and its permissions. */
import { systemClock } from "#shared/adapters/local/clock";
import { tokenBuckets } from "#shared/adapters/local/limiter";
import { systemTenant } from "#shared/domain/tenant/tenant";
import { createProtocolRequests } from "#shared/http/protocol-requests";
import { createRevocationWatch } from "#shared/usecases/watched-revocation";
import type { PublicObjects } from "#shared/ports/public-objects";
import type { FunctionDeps } from "../function.ts";
import type { Shell } from "./shell.ts";

export interface LambdaDeps extends FunctionDeps {
  /** Only the distribution reaches the APIs. */
  readonly originLocked: boolean;
  /** Before each request of sign-in: has the identity providers looked at again when that is due. */
  readonly renewSignIn: () => Promise<void>;
  /** Where the revocation distribution looks first. */
  readonly publicObjects: PublicObjects;
}

/** Built once for each environment, all at the same time: of `deps` only the clock is there at once, the rest when it serves. */
export type Part = (shell: Shell, deps: LambdaDeps) => Partial<LambdaDeps> | Promise<Partial<LambdaDeps>>;

/** All that the registry has; a handler does not read it, a test compares the two. */
export const enrolmentProtocols = ["est", "acme", "scep", "cmp"] as const;

const maxTenantBuckets = 10_000;
const maxEnrolmentBuckets = 100_000;

export async function openDeps(shell: Shell, parts: readonly Part[]): Promise<LambdaDeps> {
  const { config, report } = shell;
  const clock = systemClock;
  const hourly = (perHour: number) =>
    tokenBuckets({ capacity: perHour, refillPerSecond: perHour / 3600, clock, maxBuckets: maxEnrolmentBuckets });
  const deps: LambdaDeps = {
    ...unreached(shell.name),
    clock,
    report: (error, context) => report(error, context),
    watch: createRevocationWatch(),
    protocolRequests: createProtocolRequests(),
    systemTenant,
    // RFC 8555 8.3, RFC 8737 3
    validation: { ports: { http: 80, tls: 443 }, caaIdentities: config.TRSTCTL_CAA_IDENTITIES },
    protocols: enrolmentProtocols,
    // Each environment serves one request at a time and knows only its own: what the edge lets through is the outer bound.
    enrolmentLimits: {
      perSubject: hourly(config.TRSTCTL_ENROL_PER_SUBJECT_PER_HOUR),
      perName: hourly(config.TRSTCTL_ENROL_PER_NAME_PER_HOUR),
    },
    limiter: tokenBuckets({
      capacity: config.TRSTCTL_RATE_BURST,
      refillPerSecond: config.TRSTCTL_RATE_PER_MINUTE / 60,
      clock,
      maxBuckets: maxTenantBuckets,
    }),
    auditRetentionMs:
      config.TRSTCTL_AUDIT_RETENTION_DAYS === undefined ? undefined : config.TRSTCTL_AUDIT_RETENTION_DAYS * 86_400_000,
  };
  await Promise.all(parts.map(async (part) => Object.assign(deps, await part(shell, deps))));
  return deps;
}

/** A part that was not named is a defect, which says what to do about it. */
function unreached(name: string): LambdaDeps {
  const refuse = (part: string) => (): never => {
    throw new TypeError(
      `function ${name} has no ${part}: name the part in its handler and the port in its registry entry`,
    );
  };
  const port = (part: string): never => new Proxy({}, { get: refuse(part) }) as never;
  return {
    log: port("log"),
    signer: port("signer"),
    signIn: new Map(), // nobody signs in by a provider until a part says how
    directory: port("directory"),
    blob: port("blob"),
    publicObjects: port("publicObjects"),
    tables: port("tables"),
    logPlace: port("logPlace"),
    shortLived: port("shortLived"),
    egress: port("egress"),
    resolver: port("resolver"),
    authenticate: refuse("authenticate"),
    fingerprintKey: refuse("fingerprintKey"),
    enrolmentSecret: refuse("enrolmentSecret"),
    ready: refuse("ready"),
    renewSignIn: refuse("renewSignIn"),
    hostnames: [],
    origins: new Set(),
    plainHostnames: [],
    revocationHostnames: new Set(),
    revocationBaseUrl: undefined,
    publicUrl: "",
    originLocked: false,
  } as unknown as LambdaDeps;
}
