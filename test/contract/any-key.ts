/** Keys of kinds that nobody declared: an adapter stores what it is given, so its contract speaks of made-up kinds. */
import type { BlobKey } from "#shared/ports/blob";
import type { Partition } from "#shared/ports/table";

export const anyPartition = (text: string): Partition => text as Partition;
export const anyBlobKey = (text: string): BlobKey => text as BlobKey;
