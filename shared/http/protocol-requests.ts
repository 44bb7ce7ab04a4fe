/** How many requests of which protocol were answered how. All words come from closed sets, never from a request. */
export type Decision = "allow" | "deny" | "pending" | "shed" | "error";

export interface ProtocolRequest {
  readonly protocol: string;
  readonly operation: string;
  readonly decision: Decision;
  /** Of a sign-in that was refused: why. */
  readonly reason?: string;
}

export interface ProtocolRequests {
  count(request: ProtocolRequest): void;
  all(): readonly (readonly [ProtocolRequest, number])[];
}

export function createProtocolRequests(): ProtocolRequests {
  const counts = new Map<string, [ProtocolRequest, number]>();
  return {
    count(request) {
      const name = `${request.protocol} ${request.operation} ${request.decision} ${request.reason ?? ""}`;
      const entry = counts.get(name);
      if (entry === undefined) counts.set(name, [request, 1]);
      else entry[1]++;
    },
    all: () => [...counts.values()],
  };
}
