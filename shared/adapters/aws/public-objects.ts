import { DeleteObjectsCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { Failure } from "#shared/kernel/failure";
import type { PublicObjects } from "#shared/ports/public-objects";
import { serviceFailure } from "./service-failure.ts";

/** Of one DeleteObjects request. */
const maxKeys = 1_000;

/** In the bucket that the edge alone reads. S3 is strongly consistent: who looks after a write sees it. */
export function s3PublicObjects(client: S3Client, bucket: string): PublicObjects {
  const guarded = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw serviceFailure(
        error,
        { shown: "the store of status objects", place: `bucket ${bucket}` },
        {
          NoSuchBucket: "does not exist in this account and Region: deploy the stack first",
        },
      );
    }
  };

  return {
    async put(key, { bytes, contentType, cacheControl }) {
      const object = { Bucket: bucket, Key: key, Body: bytes, ContentType: contentType, CacheControl: cacheControl };
      await guarded(client.send(new PutObjectCommand(object)));
    },
    async delete(keys) {
      for (let at = 0; at < keys.length; at += maxKeys) {
        const objects = keys.slice(at, at + maxKeys).map((Key) => ({ Key }));
        const { Errors: errors = [] } = await guarded(
          client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } })),
        );
        const [first] = errors;
        if (first !== undefined)
          throw new Failure(
            "unavailable",
            `${errors.length} stored status objects could not be deleted; the first, ${first.Key}: ${first.Code}`,
            { place: `bucket ${bucket}` },
          );
      }
    },
  };
}
