/** Clients that issue without a pause until the host is gone. */
import { apiPost } from "../bench/api.ts";
import { csrFor } from "../bench/csr.ts";
import type { RunningHost } from "../bench/host.ts";

export interface Certificate {
  readonly id: string;
  readonly serial: string;
  readonly fingerprint: string;
  readonly issuer_id: string;
  readonly status: string;
  readonly certificate: string;
  readonly chain: readonly string[];
}

export interface Load {
  /** What was acknowledged so far. */
  readonly acknowledged: ReadonlyMap<string, Certificate>;
  /** Resolves when the last client has given up. */
  end(): Promise<void>;
}

export const issue = (host: RunningHost, name: string): Promise<Certificate> =>
  apiPost(host, "/certificates", { csr: csrFor(name) });

export const revoke = (host: RunningHost, { id }: Certificate): Promise<Certificate> =>
  apiPost(host, `/certificates/${id}/revoke`, { reason: "keyCompromise" });

export function startLoad(host: RunningHost, clients: number): Load {
  const acknowledged = new Map<string, Certificate>();
  let ending = false;
  async function client(name: string): Promise<void> {
    for (let n = 1; !ending; n++) {
      try {
        const certificate = await issue(host, `${name}-${n}.example.test`);
        acknowledged.set(certificate.id, certificate);
      } catch (error) {
        if (!ending) throw error;
      }
    }
  }
  const all = Promise.allSettled(Array.from({ length: clients }, async (_, n) => await client(`load-${n}`)));
  return {
    acknowledged,
    async end() {
      ending = true;
      await all;
    },
  };
}
