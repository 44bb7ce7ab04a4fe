/** What an ACME client sends: JWS, keys, and whole requests that are signed as they should be. */
import { isDeepStrictEqual } from "node:util";
import { createAcmeServer } from "#functions/acme/app";
import { parseAriId } from "#functions/acme/certificate-id";
import type { BoundDeps } from "#functions/function";
import { importJwk, parseJwk } from "#shared/crypto/jose/jwk";
import { parseJson, parseJws } from "#shared/crypto/jose/jws";
import { createPool } from "#shared/http/pool";
import { createProtocolRequests } from "#shared/http/protocol-requests";
import { base64url, fromHex, utf8 } from "#shared/kernel/bytes";
import { Failure, isFailure } from "#shared/kernel/failure";
import { profileSpec } from "#shared/contracts/api/profiles";
import { type ClientKey, jwsOf, newKey, thumbprint } from "#test/acme/client";
import { csrFor } from "#test/acme/csr";
import { noNetwork } from "#test/dns/no-network";
import { Finding, holds, type Target } from "../target.ts";

const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value));

/** A body that is a JWS, and in it a key. */
export const jose: Target = {
  run(input) {
    const value = parseJson(input, "the body") as { readonly jwk?: unknown } | null;
    if (value?.jwk !== undefined) {
      const jwk = parseJwk(value.jwk);
      holds(isDeepStrictEqual(parseJwk(jwk), jwk), "another key the second time");
      holds(importJwk(jwk).thumbprint.length === 43, "a thumbprint");
      return;
    }
    const { header, payload, signingInput } = parseJws(value);
    holds(typeof header === "object" && !("crit" in header), "a header that asks for nothing unknown");
    holds(
      Buffer.from(signingInput)
        .toString()
        .endsWith(`.${base64url(payload)}`),
      "what is signed holds the payload",
    );
  },
  refusals: ["malformed", "invalid_field"],
  format: "json",
  seeds: () => [
    ...(["ES256", "RS256", "EdDSA", "ML-DSA-44"] as const).map((alg) => json({ jwk: newKey(alg).jwk })),
    json(jwsOf(newKey(), { nonce: "AAAA", url: "https://x/", kid: "https://x/1" }, {})),
    json(jwsOf(newKey(), { b64: false, crit: ["b64"] }, undefined)),
  ],
};

export const ariId: Target = {
  run(input) {
    const text = Buffer.from(input).toString("utf8");
    const { keyId, serial } = parseAriId(text);
    const octets = fromHex(serial);
    holds(text.startsWith(`${base64url(keyId)}.`), "another key identifier is written");
    holds(/^([0-9a-f]{2})+$/.test(serial) && (octets[0] !== 0 || octets.length === 1), "a serial as it is stored");
  },
  refusals: ["malformed"],
  seeds: () => ["aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE", "AA.AA", "AA.AAAB"].map((text) => utf8(text)),
  dictionary: [".", "AA", "="],
};

const origin = "https://localhost";
const accountId = "0194b0f0-0000-7000-8000-000000000000";

/** One endpoint with one account and nothing else; nothing can be written. */
function lonelyHouse(key: ClientKey, reported: unknown[]): BoundDeps {
  const unavailable = () => Promise.reject(new Failure("unavailable", "there is nothing behind this"));
  const states: Readonly<Record<string, unknown>> = {
    "enrolment-endpoint": {
      status: "active",
      protocols: ["acme"],
      profile: "default",
      auth: ["open", "secret"],
      validate_names: true,
    },
    profile: { name: "default", version: 1, spec: profileSpec.parse({}) },
    "acme-account": {
      endpoint: "web",
      jwk: key.jwk,
      thumbprint: thumbprint(key),
      contact: [],
      status: "valid",
      terms: null,
      external_account: null,
    },
  };
  return {
    ...noNetwork,
    log: {
      load: (_tenant: string, kind: string, id: string) => {
        const state = kind === "acme-account" && id !== accountId ? undefined : states[kind];
        return Promise.resolve({ kind, id, rev: state === undefined ? 0 : 1, state, origin: { lane: 0, seq: 1 } });
      },
      list: () => Promise.resolve({ items: [] }),
      read: () => Promise.resolve([]),
      replayOf: () => Promise.resolve(undefined),
      commit: unavailable,
    },
    directory: { resolve: () => Promise.resolve({ tenant: "acme", id: "web" }) },
    clock: { now: () => 1_700_000_000_000 },
    limiter: { take: () => ({ ok: true }) },
    enrolmentLimits: { perSubject: { take: () => ({ ok: true }) }, perName: { take: () => ({ ok: true }) } },
    shortLived: { put: () => Promise.resolve(true) },
    enrolmentSecret: () => new Uint8Array(32),
    protocolRequests: createProtocolRequests(),
    publicUrl: origin,
    hostnames: ["localhost"],
    fingerprintKey: () => new Uint8Array(32),
    report: (error: unknown) => void reported.push(error),
    pool: createPool(8),
  } as unknown as BoundDeps;
}

interface Asked {
  readonly path?: unknown;
  readonly header?: object;
  readonly payload?: unknown;
  readonly byKey?: unknown;
}

let house: { readonly key: ClientKey; readonly reported: unknown[]; readonly app: ReturnType<typeof createAcmeServer> };

async function nonceOf(): Promise<string> {
  const request = new Request(`${origin}/acme/web/new-nonce`, { method: "HEAD", headers: { host: "localhost" } });
  const reply = await house.app.fetch(request, { address: "192.0.2.1", certificate: undefined });
  return reply.headers.get("replay-nonce") ?? "";
}

/** Whatever is signed and asked: an answer, and no defect of ours in the operator's log. */
export const acme: Target = {
  async run(input) {
    if (house === undefined) {
      const [key, reported] = [newKey(), [] as unknown[]];
      house = { key, reported, app: createAcmeServer(lonelyHouse(key, reported)) };
    }
    house.reported.length = 0;
    const asked = asAsked(input);
    const url = URL.parse(typeof asked.path === "string" ? asked.path : "", `${origin}/acme/web/`);
    if (url === null || url.origin !== origin) return;
    const who = asked.byKey === true ? { jwk: house.key.jwk } : { kid: `${origin}/acme/web/acct/${accountId}` };
    const header = { nonce: await nonceOf(), url: url.href, ...who, ...asked.header };
    const body = JSON.stringify(jwsOf(house.key, header, asked.payload));
    const request = new Request(url, {
      method: "POST",
      body,
      headers: { host: "localhost", "content-type": "application/jose+json" },
    });
    const reply = await house.app.fetch(request, { address: "192.0.2.1", certificate: undefined });
    await reply.arrayBuffer();
    const defect = house.reported.find((error) => !isFailure(error, "unavailable"));
    if (defect !== undefined) throw new Finding("a defect is reported", { cause: defect });
    holds(reply.status < 500 || reply.status === 503, `status ${reply.status}`);
  },
  refusals: [],
  format: "json",
  seeds: () => [
    json({ path: "new-account", byKey: true, payload: { contact: ["mailto:a@b.test"], termsOfServiceAgreed: true } }),
    json({
      path: "new-account",
      byKey: true,
      payload: { externalAccountBinding: jwsOf(newKey(), { alg: "HS256", kid: "a".repeat(16), url: "x" }, {}) },
    }),
    json({
      path: "new-order",
      payload: { identifiers: [{ type: "dns", value: "*.a.test" }], notAfter: "2026-01-01T00:00:00Z" },
    }),
    json({
      path: "new-order",
      payload: { identifiers: [{ type: "ip", value: "::1" }], replaces: "AA.AA", profile: "x" },
    }),
    json({ path: "new-authz", payload: { identifier: { type: "dns", value: "a.test" } } }),
    json({ path: `acct/${accountId}`, payload: { status: "deactivated" } }),
    json({ path: "key-change", payload: jwsOf(newKey(), { jwk: {}, url: "x" }, { account: "x", oldKey: {} }) }),
    json({ path: "revoke-cert", payload: { certificate: "MAA", reason: 1 } }),
    json({ path: "finalize/x", payload: { csr: csrFor(["a.test"]) } }),
  ],
  dictionary: ["new-order", "new-account", "orders/x?cursor=", "chall/x/http-01", "identifiers", "mailto:"],
};

function asAsked(input: Uint8Array): Asked {
  try {
    const value: unknown = JSON.parse(Buffer.from(input).toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Asked) : {};
  } catch {
    return {};
  }
}
