/** For tests that never leave the house: every name is unknown, every connection refused. */
import type { ValidationDeps } from "#shared/usecases/validation/challenge";

const nothing = () => Promise.resolve({ records: [], exists: false });
const refused = () => Promise.resolve({ reached: false, why: "refused", detail: "no network in this test" } as const);

export const noNetwork: ValidationDeps = {
  resolver: { addresses: nothing, txt: nothing, caa: nothing },
  egress: { get: refused, send: refused, handshake: refused },
  validation: { ports: { http: 80, tls: 443 }, caaIdentities: [] },
};
