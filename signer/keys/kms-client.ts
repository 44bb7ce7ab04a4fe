import { KMSClient, type KMSClientConfig } from "@aws-sdk/client-kms";

/** With what waits for it, below the 10 s that a client of the signer waits for an answer. */
const limits = {
  maxAttempts: 4,
  retryMode: "standard",
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, httpsAgent: { maxSockets: 64 } },
} as const satisfies KMSClientConfig;

/** Region and credentials come from where the SDK looks for them: environment, profile, or the machine's role. */
export const createKmsClient = (config: KMSClientConfig = {}): KMSClient => new KMSClient({ ...limits, ...config });
