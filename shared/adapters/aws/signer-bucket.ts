/** SignerBucket on S3. */
import { GetObjectCommand, PutObjectCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { Failure } from "#shared/kernel/failure";
import type { SignerBucket } from "#shared/ports/bucket";

export const signerS3 = (options: S3ClientConfig = {}): S3Client =>
  new S3Client({
    requestHandler: { connectionTimeout: 1000, requestTimeout: 10_000, throwOnRequestTimeout: true },
    ...options,
    maxAttempts: 3,
  });

export function s3SignerBucket({ client, bucket: Bucket }: { client: S3Client; bucket: string }): SignerBucket {
  /**
   * Without `s3:ListBucket`, which the signer has not, S3 says of what is not there that it is forbidden. By name: a bundle
   * leaves most classes of exceptions out (infra/aws/bundle/lean-sdk.ts).
   */
  const isAbsent = (error: unknown): boolean =>
    error instanceof Error && ["NoSuchKey", "NotFound", "AccessDenied"].includes(error.name);

  const unavailable = (cause: unknown): Failure =>
    cause instanceof Error && cause.name === "NoSuchBucket"
      ? new Failure("misconfigured", `the signer's bucket ${Bucket} does not exist: deploy the stack with the keys`, {
          cause,
        })
      : new Failure("unavailable", "the signer's memory does not answer: try again", {
          place: `bucket ${Bucket}`,
          retryAfter: 1,
          cause,
        });

  return {
    async get(name) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: name }));
        return Body && (await Body.transformToByteArray());
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw unavailable(error);
      }
    },
    async put(name, bytes) {
      await client.send(new PutObjectCommand({ Bucket, Key: name, Body: bytes })).catch((error: unknown) => {
        throw unavailable(error);
      });
    },
  };
}
