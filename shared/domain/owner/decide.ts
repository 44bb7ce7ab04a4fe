import { Failure } from "#shared/kernel/failure";
import type { Owner, OwnerEvent } from "./owner.ts";

/** @throws Failure `conflict` while identities or certificates name the owner. */
export function decideDeleteOwner(owner: Owner): OwnerEvent {
  if (owner.references > 0) {
    throw new Failure(
      "conflict",
      `the owner is named by ${owner.references} identities or certificates; retire or cancel its identities first`,
      {
        field: "id",
        extensions: { references: owner.references },
      },
    );
  }
  return { type: "owner.deleted", data: {} };
}
