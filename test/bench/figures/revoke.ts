import { setTimeout as wait } from "node:timers/promises";
import { parseCertificateList } from "#shared/pki/crl";
import { apiGet, apiPost, plainGet } from "../api.ts";
import { atLeast, atMost, type Figure } from "../figure.ts";
import type { RunningHost } from "../host.ts";

interface Job {
  readonly id: string;
  readonly status: string;
  readonly matched: number;
  readonly revoked: number;
  readonly crls_pending: number;
}

interface Listed {
  readonly items: readonly {
    readonly id: string;
    readonly kind: string;
    readonly status: string;
    readonly serial: string;
  }[];
}

interface Issuers {
  readonly items: readonly { readonly role: string; readonly crl_urls: readonly string[] }[];
}

const pollMs = 20;

/** From the request until the CRL names it, on the populated host: first single certificates, then all that are left. */
export const revoke: Figure = {
  name: "revoke_one",
  title: "revoke → visible on OCSP and CRL, one and all",
  async measure(session) {
    const host = await session.populatedHost();
    const { items } = await apiGet<Listed>(host, "/certificates?limit=100");
    const live = items.filter(({ kind, status }) => kind === "leaf" && status === "active");
    const one: number[] = [];
    for (const { id, serial } of live.slice(0, session.quick ? 1 : 10)) {
      const started = performance.now();
      await apiPost(host, `/certificates/${id}/revoke`, { reason: "superseded" });
      while (!(await onCrl(host)).has(serial)) await wait(pollMs);
      one.push((performance.now() - started) / 1000);
    }
    const started = performance.now();
    const { id } = await apiPost<Job>(host, "/revocations", { mode: "revoke", reason: "keyCompromise", all: true });
    let job = await apiGet<Job>(host, `/revocations/${id}`);
    while (job.status !== "done" || job.crls_pending > 0) {
      await wait(100);
      job = await apiGet<Job>(host, `/revocations/${id}`);
    }
    const seconds = (performance.now() - started) / 1000;
    const listed = (await onCrl(host)).size;
    if (job.revoked !== job.matched || listed !== job.revoked + one.length)
      throw new Error(`${job.matched} matched, ${job.revoked} revoked, ${listed} on the CRLs`);
    return [
      { figure: "revoke_one", unit: "s", goal: atMost(1), samples: one },
      // 100,000 within a minute.
      { figure: "revoke_all_rate", unit: "1/s", goal: atLeast(100_000 / 60), samples: [job.revoked / seconds] },
      { figure: "revoke_all", unit: "s", samples: [seconds] },
      { figure: "revoke_all_certificates", unit: "", samples: [job.revoked] },
    ];
  },
};

/** Serials on all CRLs of the issuing CAs, as relying parties get them. */
async function onCrl(host: RunningHost): Promise<ReadonlySet<string>> {
  const { items } = await apiGet<Issuers>(host, "/issuers?limit=100");
  const serials = new Set<string>();
  for (const url of items.filter(({ role }) => role === "issuing").flatMap(({ crl_urls }) => crl_urls)) {
    const der = await plainGet(url);
    for (const { serialHex } of parseCertificateList(der).entries) serials.add(serialHex);
  }
  return serials;
}
