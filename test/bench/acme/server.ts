import type { Target } from "../load/protocol.ts";

/** An ACME server under load, ours or another, that validates http-01 at a port of the bench's. */
export interface AcmeServer {
  readonly name: string;
  readonly target: Target;
  /** URL of the directory. */
  readonly directory: string;
  /** It resolves no name but localhost. */
  readonly oneName: boolean;
  /** Of its processes so far; only ours is looked at. */
  cpuSeconds?(): number;
  stop(): Promise<void>;
}
