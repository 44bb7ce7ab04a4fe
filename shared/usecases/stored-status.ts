/**
 * What was signed for everybody is kept where the edge looks first. It is stored when it is missed, under a name that ends
 * with its window, and looked at once more after that: what changed in between is taken away again (names and windows:
 * `shared/pki/stored-status.ts`; what a change brings about: `follow-status.ts`).
 */
import { crlId, type PublishedCrl } from "#shared/domain/crl/crl";
import { Failure } from "#shared/kernel/failure";
import {
  beyondWindowMs,
  caKey,
  crlFile,
  crlKey,
  crlWindow,
  ocspKey,
  ocspWindow,
  parseStoredQuestion,
  type Window,
  windowsAround,
} from "#shared/pki/stored-status";
import type { PublicObjects } from "#shared/ports/public-objects";
import type { createOcspResponder, OcspAnswer } from "./answer-ocsp.ts";
import type { Deps } from "./deps.ts";

/** For so long caches may keep an answer, whether a function or the bucket gave it; seconds. */
export const ocspSharedSeconds = 60;
export const crlSharedSeconds = 300;
export const caSharedSeconds = 86_400;
export const ocspCacheControl = (seconds: number): string =>
  `public, max-age=${seconds}, no-transform, must-revalidate`;
export const crlCacheControl = (seconds: number): string => `public, max-age=${seconds}, must-revalidate`;
export const caCacheControl = `public, max-age=${caSharedSeconds}`;

export interface MissedAnswer {
  /** OCSPRequest, DER. */
  readonly request: Uint8Array;
  /** What the answer must speak until to be kept; milliseconds. */
  readonly untilMs: number;
  readonly keep: (answer: OcspAnswer) => Promise<void>;
}

export type StoredStatus = ReturnType<typeof createStoredStatus>;

/** By the parts of a name under which the edge found nothing. Undefined, or nothing kept, for a name that no edge gives now. */
export function createStoredStatus(
  deps: Deps,
  objects: PublicObjects,
  responder: ReturnType<typeof createOcspResponder>,
) {
  const current = (windowAt: (nowMs: number) => Window, text: string): Window | undefined =>
    windowsAround(windowAt, deps.clock.now()).find(({ number }) => String(number) === text);

  return {
    ocsp(issuer: string, window: string, name: string): MissedAnswer | undefined {
      const question = parseStoredQuestion(name);
      const found = question && current((ms) => ocspWindow(question.certId, ms), window);
      if (question === undefined || found === undefined) return undefined;
      const { certId, request } = question;
      const untilMs = found.endMs + beyondWindowMs;
      const key = ocspKey(issuer, found.number, certId);
      const keep = async (answer: OcspAnswer): Promise<void> => {
        if (answer.nextUpdateMs !== untilMs) return;
        const cacheControl = ocspCacheControl(ocspSharedSeconds);
        try {
          await objects.put(key, { bytes: answer.der, contentType: "application/ocsp-response", cacheControl });
        } finally {
          // Also where no word came back: it may be there.
          if (!(await responder.holds(issuer, request, answer))) await objects.delete([key]);
        }
      };
      return { request, untilMs, keep };
    },

    async crl(tenant: string, issuer: string, window: string, { shard, delta }: CrlFile): Promise<void> {
      const found = current(crlWindow, window);
      if (found !== undefined) await storeCrl(deps, objects, tenant, { issuer, shard, delta }, [found]);
    },

    async ca(issuer: string, der: Uint8Array): Promise<void> {
      await objects.put(caKey(issuer), {
        bytes: der,
        contentType: "application/pkix-cert",
        cacheControl: caCacheControl,
      });
    },
  };
}

export interface CrlFile {
  readonly shard: number;
  readonly delta: boolean;
}

const maxRaces = 5;

/**
 * Stores the newest CRL for those of the windows for which it speaks. Of several who store at once the last one to write
 * sees the newest state after that, and writes again if it has to.
 */
export async function storeCrl(
  deps: Deps,
  objects: PublicObjects,
  tenant: string,
  { issuer, shard, delta }: CrlFile & { readonly issuer: string },
  windows: readonly Window[],
): Promise<void> {
  const newest = async (): Promise<PublishedCrl | undefined> => {
    const { state } = await deps.log.load(tenant, "crl", crlId(issuer, shard));
    return delta ? state?.delta : state;
  };
  let crl = await newest();
  for (let race = 0; crl !== undefined && race < maxRaces; race++) {
    const stored = crl;
    const bytes = await deps.blob.get(stored.blob);
    const spoken = windows.filter(({ endMs }) => endMs + beyondWindowMs <= Date.parse(stored.next_update));
    for (const { number } of bytes === undefined ? [] : spoken)
      await objects.put(crlKey(issuer, number, crlFile(shard, delta)), {
        bytes: bytes as Uint8Array,
        contentType: "application/pkix-crl",
        cacheControl: crlCacheControl(crlSharedSeconds),
      });
    crl = await newest();
    if (crl?.blob === stored.blob && bytes !== undefined) return;
  }
  throw new Failure("unavailable", `CRL ${crlId(issuer, shard)} is published anew time and again`, { retryAfter: 5 });
}
