/** A place whose owner says which roots a program trusts. */
import type { TrustRoot } from "./root.ts";

export const storeKinds = ["system", "browsers"] as const;
export type StoreKind = (typeof storeKinds)[number];

export interface Store {
  readonly kind: StoreKind;
  /** For people: whose it is. */
  readonly name: string;
  /** Where it is; tells it apart. */
  readonly place: string;
  /** What putting a root there does, in the words of the programs that do it. */
  readonly steps: string;
  /** Its steps are root's. */
  readonly needsRoot: boolean;
  /** What is missing here to read or change it, and what to install; undefined: nothing. */
  readonly missing?: string;
  /** True when the root is there as this CLI puts it there. @throws Failure `unavailable` when it cannot be read */
  holds(root: TrustRoot): Promise<boolean>;
  /** @throws Failure `unavailable`, `forbidden` */
  install(root: TrustRoot): Promise<void>;
  /** Takes away this very root, as it was put there. @throws Failure `unavailable`, `forbidden` */
  remove(root: TrustRoot): Promise<void>;
}
