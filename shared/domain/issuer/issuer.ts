import type { SignerKeyAlgorithm } from "#shared/kernel/key-algorithm";
import type { KeyBackend } from "#shared/kernel/key-backend";
import type { SignedCertificate } from "../certificate/certificate.ts";
import { type Aggregate, present, unconcerned } from "../aggregate.ts";

export interface Issuer {
  readonly role: "root" | "issuing";
  readonly name: string;
  readonly status: "active" | "retired";
  /** The issuer that signed it; null for a root. */
  readonly parent: string | null;
  readonly subject: string;
  readonly key_algorithm: string;
  readonly signature_algorithm: string;
  /** Absent where the issuer was made before there was a choice. */
  readonly responder_key_algorithm?: SignerKeyAlgorithm;
  /** Absent: sealed, as all were before there was a choice. */
  readonly key_backend?: KeyBackend;
  /** Name of its key at the signer. */
  readonly handle: string;
  readonly serial: string;
  readonly not_before: string;
  readonly not_after: string;
  readonly permitted_dns: readonly string[];
  /** Ranges beside them that its key is held to; absent: none. */
  readonly permitted_ips?: readonly string[];
  /** Burnt into its certificates; fixed for its life. */
  readonly revocation_base_url: string;
  /** How many CRL shards it has; another is opened when the last one is full. */
  readonly shards: number;
  /** DER, base64. */
  readonly certificate: string;
  readonly created_at: string;
}

export interface IssuerCreated extends SignedCertificate {
  readonly id: string;
  readonly role: Issuer["role"];
  readonly name: string;
  readonly parent: string | null;
  readonly handle: string;
  readonly signature_algorithm: string;
  readonly responder_key_algorithm?: SignerKeyAlgorithm;
  readonly key_backend?: KeyBackend;
  readonly permitted_dns: readonly string[];
  /** Ranges beside them that its key is held to; absent: none. */
  readonly permitted_ips?: readonly string[];
  readonly revocation_base_url: string;
  readonly shards: number;
}

export type IssuerEvent =
  | { readonly type: "issuer.created"; readonly data: IssuerCreated }
  | { readonly type: "issuer.retired"; readonly data: Record<string, never> };

export const issuerAggregate: Aggregate<Issuer> = {
  evolve(state, event, { time }) {
    switch (event.type) {
      case "issuer.created": {
        const {
          role,
          name,
          parent,
          subject,
          key_algorithm,
          signature_algorithm,
          handle,
          serial,
          not_before,
          not_after,
        } = event.data;
        const { responder_key_algorithm, key_backend, permitted_dns, permitted_ips } = event.data;
        const { revocation_base_url, shards, der } = event.data;
        return {
          role,
          name,
          status: "active",
          parent,
          subject,
          key_algorithm,
          signature_algorithm,
          ...(responder_key_algorithm !== undefined && { responder_key_algorithm }),
          ...(key_backend !== undefined && { key_backend }),
          handle,
          serial,
          not_before,
          not_after,
          permitted_dns,
          ...(permitted_ips !== undefined && { permitted_ips }),
          revocation_base_url,
          shards,
          certificate: der,
          created_at: time,
        };
      }
      case "crl-shard.opened": {
        const issuer = present(state, "issuer", event);
        return { ...issuer, shards: Math.max(issuer.shards, event.data.shard + 1) };
      }
      case "issuer.retired":
        return { ...present(state, "issuer", event), status: "retired" };
      default:
        return unconcerned("issuer", event);
    }
  },
};
