import type { ProfileSpec } from "#shared/contracts/api/profiles";
import { type Aggregate, unconcerned } from "../aggregate.ts";

/** As `profile` (id = name) the active version; as `profile-version` (id = `name@version`) one immutable version. */
export interface Profile {
  readonly name: string;
  readonly version: number;
  readonly spec: ProfileSpec;
  readonly created_by: string;
  readonly created_at: string;
}

export type ProfileEvent = {
  readonly type: "profile.version-created";
  readonly data: Pick<Profile, "name" | "version" | "spec">;
};

export const profileVersionId = (name: string, version: number): string => `${name}@${version}`;

function aggregate(kind: "profile" | "profile-version"): Aggregate<Profile> {
  return {
    evolve(_state, event, { time, actor }) {
      if (event.type === "profile.version-created") return { ...event.data, created_by: actor, created_at: time };
      return unconcerned(kind, event);
    },
  };
}

export const profileAggregate = aggregate("profile");
export const profileVersionAggregate = aggregate("profile-version");
