/**
 * Credentials that reach one tenant's items and objects and no other's (I1): the tenant role, assumed with the session tag
 * `tenant`, by which its policy names partitions and prefixes. An execution role itself reaches no tenant data.
 */
import { AssumeRoleCommand, type STSClient } from "@aws-sdk/client-sts";
import { Failure } from "#shared/kernel/failure";
import { isTenantId } from "#shared/kernel/ids";
import type { Clock } from "#shared/ports/clock";
import { nameOf } from "./dynamodb.ts";
import { createLru } from "./lru.ts";

/** Never logged, and in no error: it stays in this module and in the SDK's signer. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface TenantCredentials {
  /**
   * @throws TypeError for an id that is not a tenant id.
   * @throws Failure `unavailable` when STS cannot be asked, `misconfigured` when the role refuses.
   */
  of(tenant: string): Promise<SessionCredentials>;
  /**
   * These were refused by a service: `of` gets others, unless it has done so already.
   * @returns false when others would fare no better
   */
  refused(tenant: string, credentials: SessionCredentials, error: unknown): boolean;
}

export interface TenantRole {
  readonly sts: STSClient;
  readonly roleArn: string;
  readonly clock: Clock;
  /** 0 to 1; for the jitter. */
  readonly random?: () => number;
}

/** The one key of a session tag that the role's trust policy lets through. */
export const tenantTag = "tenant";
/** As many as one environment is likely to serve before it is replaced. */
export const maxTenants = 200;
/** The most that a role may be assumed for by a role (role chaining). */
const lifetimeSeconds = 3600;
/** Renewed after 40 to 45 minutes: what was assumed at the same time is not renewed at the same time. */
const renewAfterMs = 40 * 60_000;
const jitterMs = 5 * 60_000;
/** With credentials younger than this a denial is the policy's word; older ones may miss a policy that came since. */
const settledMs = 60_000;
const retryRenewalMs = 30_000;

interface Session {
  readonly credentials: SessionCredentials;
  readonly since: number;
  renewAt: number;
}

interface Entry {
  session?: Session | undefined;
  /** The one call to STS that all callers of this tenant wait for. */
  pending?: Promise<Session> | undefined;
}

export function tenantCredentials({ sts, roleArn, clock, random = Math.random }: TenantRole): TenantCredentials {
  const entries = createLru<Entry>(maxTenants);

  async function assume(tenant: string): Promise<Session> {
    const command = new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: `tenant-${tenant}`.slice(0, 64),
      DurationSeconds: lifetimeSeconds,
      Tags: [{ Key: tenantTag, Value: tenant }],
      TransitiveTagKeys: [tenantTag],
    });
    const { Credentials: given } = await sts.send(command).catch((error: unknown) => {
      throw stsFailure(error);
    });
    const { AccessKeyId, SecretAccessKey, SessionToken } = given ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined) {
      throw new Failure("unavailable", "STS answered without credentials: try again");
    }
    const since = clock.now();
    return {
      credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
      since,
      renewAt: since + renewAfterMs + random() * jitterMs,
    };
  }

  async function renewed(tenant: string, entry: Entry): Promise<Session> {
    entry.pending ??= assume(tenant).finally(() => (entry.pending = undefined));
    return (entry.session = await entry.pending);
  }

  return {
    async of(tenant) {
      if (!isTenantId(tenant)) throw new TypeError(`credentials: not a tenant id: ${JSON.stringify(tenant)}`);
      const entry = entries.ensure(tenant, () => ({}));
      const { session } = entry;
      if (session === undefined) return (await renewed(tenant, entry)).credentials;
      const now = clock.now();
      if (now < session.renewAt) return session.credentials;
      try {
        return (await renewed(tenant, entry)).credentials;
      } catch (error) {
        if (now >= session.since + lifetimeSeconds * 1000) throw error;
        // They are good for minutes yet: an STS that is out for a moment is not felt.
        session.renewAt = now + retryRenewalMs;
        return session.credentials;
      }
    },

    refused(tenant, credentials, error) {
      const name = nameOf(error);
      const entry = entries.peek(tenant);
      if (!outdated.has(name) && !denied.has(name)) return false;
      if (entry?.session?.credentials !== credentials) return true;
      if (denied.has(name) && clock.now() - entry.session.since < settledMs) return false;
      entry.session = undefined;
      return true;
    },
  };
}

/** What DynamoDB and S3 call credentials that are over or that they do not know. */
const outdated = new Set([
  "ExpiredTokenException",
  "ExpiredToken",
  "UnrecognizedClientException",
  "InvalidAccessKeyId",
  "InvalidToken",
]);
const denied = new Set(["AccessDeniedException", "AccessDenied"]);

function stsFailure(error: unknown): unknown {
  const name = nameOf(error);
  if (denied.has(name)) {
    const detail =
      "the tenant role does not let this function assume it: its trust policy must name the function's role, and both must allow sts:AssumeRole and sts:TagSession with the tag `tenant`";
    return new Failure("misconfigured", detail, { cause: error });
  }
  if (outdated.has(name) || passing.has(name)) {
    return new Failure("unavailable", "STS gives no credentials for this tenant now: try again", { cause: error });
  }
  return error;
}

const passing = new Set([
  "Throttling",
  "ThrottlingException",
  "RequestLimitExceeded",
  "ServiceUnavailable",
  "InternalFailure",
  "TimeoutError",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);
