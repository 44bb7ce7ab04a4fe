/** Blob on S3: keys start with the tenant, which is what its role's policy on the bucket goes by (I1). */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from "@aws-sdk/client-s3";
import type { Blob } from "#shared/ports/blob";
import { checkBlobKey, checkBlobPrefix } from "../local/blob-key.ts";
import { exceptionName, serviceFailure } from "./service-failure.ts";

/** Three attempts within a Lambda's patience. */
export const s3Client = (options: S3ClientConfig = {}): S3Client =>
  new S3Client({
    requestHandler: { connectionTimeout: 1000, requestTimeout: 10_000, throwOnRequestTimeout: true },
    ...options,
    maxAttempts: 3,
  });

export interface S3Blobs {
  readonly clientOf: (tenant: string) => S3Client | Promise<S3Client>;
  readonly bucket: string;
}

/** A put replaces; where the bucket keeps versions, the old ones stay below. */
export function s3Blob({ clientOf, bucket }: S3Blobs): Blob {
  const Bucket = bucket;

  async function guarded<T>(key: string, work: (client: S3Client) => Promise<T>): Promise<T> {
    try {
      return await work(await clientOf(key.slice(0, key.indexOf("/"))));
    } catch (error) {
      throw serviceFailure(
        error,
        { shown: "the file store", place: `bucket ${bucket}` },
        {
          NoSuchBucket: "does not exist in this account and Region: deploy the stack first",
        },
      );
    }
  }

  return {
    put: async (key, bytes) => {
      checkBlobKey(key);
      await guarded(key, (client) => client.send(new PutObjectCommand({ Bucket, Key: key, Body: bytes })));
    },

    get: async (key) => {
      checkBlobKey(key);
      return await guarded(key, async (client) => {
        try {
          const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key }));
          return Body === undefined ? new Uint8Array(0) : await Body.transformToByteArray();
        } catch (error) {
          if (exceptionName(error) === "NoSuchKey") return undefined;
          throw error;
        }
      });
    },

    delete: async (key) => {
      checkBlobKey(key);
      await guarded(key, (client) => client.send(new DeleteObjectCommand({ Bucket, Key: key })));
    },

    list: async (prefix, after = "") => {
      checkBlobPrefix(prefix);
      const start = after === "" ? {} : { StartAfter: after };
      const { Contents = [] } = await guarded(prefix, (client) =>
        client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, ...start, MaxKeys: 1000 })),
      );
      return Contents.map(({ Key }) => Key ?? "");
    },
  };
}
