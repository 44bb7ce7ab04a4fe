/** What an enrolment protocol asks of `enrol`, and what comes of it. */
import type { SubjectName } from "#shared/pki/general-name";
import type { Snapshot } from "#shared/ports/event-log";
import type { CertificateRequest } from "./certificate-request.ts";
import type { Endpoint } from "./enrolment-endpoints.ts";
import type { Issued } from "./issue-certificate.ts";
import type { Present } from "./load.ts";

export interface Enrolment {
  readonly endpoint: Endpoint;
  readonly protocol: string;
  /** Who asks, for the audit trail: `<protocol>:account/…`, `<protocol>:credential/…`, `<protocol>:certificate/…`. */
  readonly subject: string;
  /**
   * The protocol's transaction within the endpoint: the same one is the same operation, answered the same. Whoever could
   * guess another's must not be given its answer: protocols bind account or credential into it.
   */
  readonly transaction: string;
  /** PKCS#10 (DER); or read from another format, possession proven by the caller, with the bytes it was read from. */
  readonly request: { readonly csr: Uint8Array } | { readonly proven: CertificateRequest; readonly bytes: Uint8Array };
  /** When given: the request must name exactly these. */
  readonly names?: readonly SubjectName[] | undefined;
  /** Its use is counted in the commit of the certificate; only its names may be asked for. */
  readonly credential?: Present<"enrolment-credential"> | undefined;
  /** Subject and names must be the same; it is recorded as replaced. */
  readonly renews?: Present<"certificate"> | undefined;
  /** Id of a certificate that it is recorded to replace, whatever has become of that one and whatever it names. */
  readonly replaces?: string | undefined;
  readonly notAfterMs?: number | undefined;
  /** Not where a person approves: nobody knows when that will be. */
  readonly notBeforeMs?: number | undefined;
  readonly validitySeconds?: number | undefined;
  /** `name` or `name@version`; default the endpoint's. The protocol decides which ones a client may choose from. */
  readonly profile?: string | undefined;
  /**
   * Further aggregates that `certificate.issued` changes, loaded anew on every try. Not touched when a person approves, nor
   * when the answer is a replay: the protocol then brings its own up to date.
   */
  readonly touches?: (() => Promise<readonly Snapshot[]>) | undefined;
  readonly trace?: string | undefined;
}

export type Enrolled =
  | { readonly issued: Issued }
  | { readonly pending: { readonly request: string; readonly retryAfterSeconds: number } };
