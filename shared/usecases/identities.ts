/** Identities: requested, minted, deployed, renewed, revoked, retired (behaviour §9). */
import { generateLeafKey } from "#shared/crypto/leaf-key";
import { newId } from "#shared/crypto/random";
import { assertTransition, decideTransition } from "#shared/domain/identity/decide";
import type { Identity } from "#shared/domain/identity/identity";
import type { TransitionTarget } from "#shared/domain/identity/transitions";
import { revocationId } from "#shared/domain/revocation/revocation";
import { Failure } from "#shared/kernel/failure";
import { shownFailure } from "#shared/kernel/shown-failure";
import type { SecretBytes } from "#shared/kernel/secret-bytes";
import { buildCsr } from "#shared/pki/build-csr";
import { canonicalName } from "#shared/pki/general-name";
import { commonName } from "#shared/pki/name";
import { decodeCsrText } from "#shared/pki/pem";
import { assertMayGrant } from "#shared/policy/ra-split";
import type { Snapshot } from "#shared/ports/event-log";
import { change, effect } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";
import { issueCertificate, type IssueFor } from "./issue-certificate.ts";
import { existing, referenced, referencedProfile } from "./load.ts";
import { revokeCertificate } from "./revoke-certificate.ts";

export interface CreateIdentity {
  readonly name: string;
  readonly owner: string;
  readonly issuer: string | undefined;
  readonly profile: string | undefined;
  readonly dnsNames: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** @returns its id. @throws Failure `unprocessable` for an owner, issuer or profile that does not exist */
export async function createIdentity(deps: Deps, call: Call, command: CreateIdentity): Promise<string> {
  const { tenant } = call.principal;
  const { name, attributes } = command;
  const dns_names = command.dnsNames.map((text, at) => canonicalName("dns", text, `dns_names.${at}`).value);
  if (command.issuer !== undefined) await referenced(deps, tenant, "issuer", command.issuer, "issuer_id");
  if (command.profile !== undefined) await referencedProfile(deps, tenant, command.profile);
  const id = newId(deps.clock.now());
  await change(deps, call, async () => ({
    stream: await deps.log.load(tenant, "identity", id),
    touches: [await referenced(deps, tenant, "owner", command.owner, "owner_id")],
    event: {
      type: "identity.created",
      data: {
        kind: "x509_certificate",
        name,
        owner: command.owner,
        issuer: command.issuer ?? null,
        profile: command.profile ?? null,
        dns_names,
        attributes,
      },
    },
  }));
  return id;
}

export interface TransitionIdentity {
  readonly to: TransitionTarget;
  readonly reason: string | undefined;
  readonly note: string | undefined;
  /** PKCS#10, PEM or base64. */
  readonly csr: string | undefined;
  readonly generateKey: boolean;
}

export interface Transitioned {
  /** Of a mint: the certificate that this very transition brought. */
  readonly certificate: string | undefined;
  /** PKCS#8 of a key that was made here; the caller shows it once and wipes it. */
  readonly privateKey: SecretBytes | undefined;
}

export async function transitionIdentity(
  deps: Deps,
  call: Call,
  id: string,
  command: TransitionIdentity,
): Promise<Transitioned> {
  const { to } = command;
  if (to === "issued" || to === "renewing") return mint(deps, call, id, to, command);
  if (command.csr !== undefined || command.generateKey)
    throw new Failure("invalid_field", `a transition to ${to} mints nothing; leave out csr and generate_key`, {
      field: command.csr === undefined ? "generate_key" : "csr",
    });
  if (to === "revoked") assertMayGrant(call.principal, "revoke");
  else if (command.reason !== undefined)
    throw new Failure("invalid_field", "only a transition to revoked has a reason; use note", { field: "reason" });
  if (to === "revoked") await revokeOldest(deps, call, id, command.reason ?? "unspecified");
  await change(deps, call, async () => plain(deps, call.principal.tenant, id, { ...command, to }));
  return { privateKey: undefined, certificate: undefined };
}

/** Two rows for each certificate, within one transaction. */
const maxRevokedAtOnce = 40;

/** Certificates beyond what one transaction holds go first, one by one; a crash in between leaves the rest to the retry. */
async function revokeOldest(deps: Deps, call: Call, id: string, reason: string): Promise<void> {
  const { idempotency: _, ...each } = call;
  const identity = await existing(deps, call.principal.tenant, "identity", id);
  assertTransition(identity.state, "revoked");
  for (const { id: certificate } of identity.state.live_certificates.slice(0, -maxRevokedAtOnce)) {
    await revokeCertificate(deps, each, certificate, reason);
  }
}

async function plain(
  deps: Deps,
  tenant: string,
  id: string,
  { to, reason, note }: Omit<TransitionIdentity, "to"> & { to: Exclude<TransitionTarget, "issued" | "renewing"> },
) {
  const identity = await existing(deps, tenant, "identity", id);
  const live =
    to === "revoked"
      ? await Promise.all(
          identity.state.live_certificates.map((certificate) => existing(deps, tenant, "certificate", certificate.id)),
        )
      : [];
  const certificates = live.map(({ state: { issuer, serial, shard, not_after } }) => ({
    issuer,
    serial,
    shard,
    not_after,
  }));
  const event = decideTransition(identity.state, {
    to,
    reason: reason ?? "unspecified",
    note: note ?? null,
    certificates,
  });
  const touches: Snapshot[] = [...live];
  for (const { issuer, serial, shard } of certificates)
    touches.push(await deps.log.load(tenant, "revocation", revocationId(issuer, shard, serial)));
  if (to === "retired" || to === "cancelled") touches.push(await existing(deps, tenant, "owner", identity.state.owner));
  const shards = new Map<string, { issuer: string; shard: number; serials: string }>();
  for (const { issuer, shard, serial } of certificates) {
    const serials = shards.get(`${issuer}.${shard}`)?.serials;
    shards.set(`${issuer}.${shard}`, {
      issuer,
      shard,
      serials: serials === undefined ? serial : `${serials},${serial}`,
    });
  }
  return {
    stream: identity,
    event,
    touches,
    effects: [...shards.values()].map((payload) => effect(deps, "crl.publish", payload)),
  };
}

/** Mints, and records either the certificate or the failure: nobody has to guess what became of it. */
async function mint(
  deps: Deps,
  call: Call,
  id: string,
  to: "issued" | "renewing",
  command: TransitionIdentity,
): Promise<Transitioned> {
  const { tenant } = call.principal;
  assertMayGrant(call.principal, "issue");
  const identity = await existing(deps, tenant, "identity", id);
  assertTransition(identity.state, to);
  if ((command.csr === undefined) !== command.generateKey) {
    throw new Failure(
      "invalid_field",
      `a transition to ${to} needs either csr (the key stays with its owner) or generate_key: true (the key is made here and returned once)`,
      { field: "csr" },
    );
  }
  const made = command.csr === undefined ? makeKey(identity.state) : undefined;
  const csr = made?.csr ?? decodeCsrText(command.csr ?? "", "csr");
  const { profile, issuer, dns_names } = identity.state;
  try {
    const { certificate } = await issueCertificate(
      deps,
      // A key that is made here is new on every try: another key is another operation.
      made === undefined ? call : { ...call, operation: `${call.operation}/${newId(deps.clock.now())}` },
      {
        csr,
        protocol: "api",
        profile: profile ?? undefined,
        issuer: issuer ?? undefined,
        ...(dns_names.length > 0 && { names: dns_names.map((value) => ({ type: "dns", value }) as const) }),
      },
      () => boundTo(deps, tenant, id, to),
    );
    return { privateKey: made?.privateKey, certificate: certificate.id };
  } catch (error) {
    made?.privateKey.wipe();
    await recordFailure(deps, call, id, to, error);
    throw error;
  }
}

async function boundTo(deps: Deps, tenant: string, id: string, to: "issued" | "renewing"): Promise<IssueFor> {
  const identity = await existing(deps, tenant, "identity", id);
  assertTransition(identity.state, to);
  const previous = to === "renewing" ? identity.state.certificate : null;
  const replaced = previous === null ? undefined : await existing(deps, tenant, "certificate", previous);
  // A revoked certificate has no successor: it is over.
  const superseded = replaced?.state.status === "active" ? replaced : undefined;
  return {
    data: { identity: { id, to }, ...(superseded !== undefined && { replaces: superseded.id }) },
    touches: superseded === undefined ? [identity] : [identity, superseded],
    resource: (certificate) => `${id}/${certificate}`,
  };
}

/** Faults of ours leave a trace that can be retried; a request that was wrong changed nothing. */
const ours = new Set(["unavailable", "overloaded", "guard_refused", "corrupt", "conflict", "internal"]);

async function recordFailure(
  deps: Deps,
  call: Call,
  id: string,
  to: "issued" | "renewing",
  error: unknown,
): Promise<void> {
  const failure = shownFailure(error);
  if (!ours.has(failure.code)) return;
  // Without the idempotency record: the same request may be tried again.
  const { idempotency: _, ...again } = call;
  await change(deps, again, async () => {
    const identity = await existing(deps, call.principal.tenant, "identity", id);
    assertTransition(identity.state, to);
    return {
      stream: identity,
      event: { type: "identity.issuance-failed", data: { code: failure.code, detail: failure.message, retry_to: to } },
    };
  }).catch(() => undefined); // the store may be what is down; the caller hears of the first error
}

function makeKey(identity: Identity): { readonly csr: Uint8Array; readonly privateKey: SecretBytes } {
  const names = identity.dns_names.length > 0 ? identity.dns_names : [identity.name];
  const sans = names.map((name) => canonicalName("dns", name, "dns_names"));
  const first = sans[0]?.value ?? "";
  const key = generateLeafKey();
  const csr = buildCsr({
    subject: first.length <= 64 ? commonName(first) : [],
    names: sans,
    spki: key.spki,
    signatureAlgorithm: "ecdsa-with-SHA256",
    sign: key.sign,
  });
  return { csr, privateKey: key.pkcs8 };
}
