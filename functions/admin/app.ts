/**
 * What only somebody on the host may do, over a Unix socket in a directory of its owner's: tenants and first tokens.
 * Nothing here is reachable over the network.
 */
import { type Context, Hono } from "hono";
import * as z from "zod";
import { failOver } from "#events/log/failover";
import { scope } from "#shared/contracts/api/access";
import { id, name, timestamp } from "#shared/contracts/operation";
import { anyPermission, roles } from "#shared/contracts/permissions";
import { newId } from "#shared/crypto/random";
import { readJson } from "#shared/http/body";
import { refuseExposedSecrets } from "#shared/http/exposed-secrets";
import { type Fetches, knownMethodsOnly } from "#shared/http/known-methods";
import { problemResponse } from "#shared/http/problem";
import { traceOf } from "#shared/http/trace";
import { validate } from "#shared/http/validate";
import { fromBase64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { signerKeyAlgorithms } from "#shared/kernel/key-algorithm";
import { keyBackends } from "#shared/kernel/key-backend";
import { pemEncode } from "#shared/pki/pem";
import { allTenants } from "#shared/usecases/all-tenants";
import { registerTenant } from "#shared/usecases/register-tenant";
import { makeSignInLink, signInLinkMs } from "#shared/usecases/sign-in-link";
import { tlsRoot } from "#shared/usecases/tls-root";
import { mintToken } from "#shared/usecases/tokens";
import type { BoundDeps } from "../function.ts";

const createToken = z.strictObject({
  tenant: id.max(63),
  tenant_name: name.max(50).optional(),
  ca_key_algorithm: z.enum(signerKeyAlgorithms).optional(),
  ca_key_backend: z.enum(keyBackends).optional(),
  subject: id.max(120).default("bootstrap-admin"),
  /** Without `certs:issue`: who runs the host does not grant certificates by that alone (RA split). */
  scopes: z
    .array(scope)
    .min(1)
    .default([...roles.operator]),
  expires_at: timestamp.optional(),
});

const createLink = z.strictObject({
  /** Default: that of an evaluation host. */
  tenant: id.max(63).optional(),
  /** Default: who works on an evaluation host, in its tenant, so that it shows again who is signed in there; else `host-admin`. */
  subject: id.max(120).optional(),
  scopes: z
    .array(scope)
    .min(1)
    .default([...roles.operator]),
});

const failTenantOver = z.strictObject({ tenant: id.max(63) });

export function createAdminApp(deps: BoundDeps): Fetches {
  const app = new Hono();

  app.post("/admin/tokens", (c) =>
    answered(c, async () => {
      const json = await readJson(c.req.raw, 65_536);
      refuseExposedSecrets(json);
      const body = validate(createToken, json);
      const { tenant, subject, scopes } = body;
      if (tenant === deps.systemTenant)
        throw new Failure("forbidden", `tenant ${tenant} belongs to the product itself`, { field: "tenant" });
      await registerTenant(deps, {
        tenant,
        name: body.tenant_name ?? tenant,
        revocationBaseUrl: deps.revocationBaseUrl,
        caKeyAlgorithm: body.ca_key_algorithm,
        caKeyBackend: body.ca_key_backend,
      });
      const call = {
        principal: { tenant, subject: "host:admin", roles: [], scopes: [anyPermission] },
        operation: newId(deps.clock.now()),
      };
      const minted = await mintToken(deps, call, { subject, scopes, expiresAt: body.expires_at });
      return Response.json(
        { ...minted, tenant, subject, scopes, expires_at: body.expires_at ?? null },
        { status: 201 },
      );
    }),
  );

  app.post("/admin/sign-in-links", (c) =>
    answered(c, async () => {
      const { tenant, subject: asked, scopes } = validate(createLink, await readJson(c.req.raw, 65_536));
      const { evaluation } = deps;
      const subject = asked ?? (tenant === evaluation?.tenant ? evaluation?.subject : undefined) ?? "host-admin";
      const granted = tenant === undefined ? evaluation : { tenant, subject, scopes };
      if (granted === undefined) throw new Failure("invalid_field", "tenant: say whose", { field: "tenant" });
      const known = await deps.log.load(granted.tenant, "tenant", granted.tenant);
      if (known.state === undefined || granted.tenant === deps.systemTenant)
        throw new Failure("not_found", `there is no tenant ${granted.tenant}; trstctl tenants list shows them`);
      const secret = await makeSignInLink(deps, granted);
      const expires_at = new Date(deps.clock.now() + signInLinkMs).toISOString();
      const [origin = deps.publicUrl] = [...deps.origins].filter((url) => url.includes("//trstctl.localhost"));
      return Response.json(
        { url: `${origin}/#sign-in=${secret}`, tenant: granted.tenant, expires_at },
        { status: 201 },
      );
    }),
  );

  app.post("/admin/failovers", (c) =>
    answered(c, async () => {
      const { tenant } = validate(failTenantOver, await readJson(c.req.raw, 65_536));
      const { tables, clock, logPlace } = deps;
      return Response.json(await failOver({ tables, clock, ...logPlace }, tenant), { status: 201 });
    }),
  );

  app.get("/admin/tenants", (c) =>
    answered(c, async () => {
      const items: object[] = [];
      for await (const tenant of allTenants(deps.directory)) {
        if (tenant === deps.systemTenant) continue;
        const { state } = await deps.log.load(tenant, "tenant", tenant);
        if (state !== undefined) items.push({ id: tenant, ...state }); // reserved, but never registered
      }
      return Response.json({ items });
    }),
  );

  // What a client of the API must trust: the root of the host's own TLS certificate.
  app.get("/admin/tls-root", (c) =>
    answered(c, async () => {
      const { state } = await tlsRoot(deps, deps.systemTenant);
      return Response.json({ certificate: pemEncode("CERTIFICATE", fromBase64(state.certificate)) });
    }),
  );

  app.all("*", (c) =>
    answered(c, async () => {
      throw new Failure(
        "not_found",
        "POST /admin/tokens, POST /admin/sign-in-links, POST /admin/failovers, GET /admin/tenants and GET /admin/tls-root are served here",
      );
    }),
  );

  async function answered(c: Context, work: () => Promise<Response>): Promise<Response> {
    const { id: trace } = traceOf(c.req.header("traceparent") ?? null);
    try {
      return await work();
    } catch (error) {
      const response = problemResponse(error, trace);
      if (response.status >= 500) deps.report(error, { function: "admin" });
      return response;
    }
  }

  return knownMethodsOnly(app, (failure) => problemResponse(failure, traceOf(null).id));
}
