import { Failure } from "#shared/kernel/failure";
import type { Owner, OwnerEvent } from "./owner.ts";

/** @throws Failure `conflict` while identities, certificates or enrolment endpoints name the owner. */
export function decideDeleteOwner(owner: Owner): OwnerEvent {
  if (owner.references > 0) {
    throw new Failure(
      "conflict",
      `the owner is named by ${owner.references} identities, certificates or enrolment endpoints; retire, cancel or change those first`,
      {
        field: "id",
        extensions: { references: owner.references },
      },
    );
  }
  return { type: "owner.deleted", data: {} };
}
