import { type Aggregate, present, unconcerned } from "../aggregate.ts";

/** Id = subject. While a member exists, their tokens hold at most what their roles grant; offboarded, nothing. */
export interface Member {
  readonly display_name: string | null;
  readonly email: string | null;
  readonly roles: readonly string[];
  readonly status: "active" | "offboarded";
  /** Tokens made before this moment are dead: offboarding is not undone by adding the member again. */
  readonly tokens_from: string | null;
  /** How often offboarded; absent: never, or before this was counted. A token of another generation is dead, whatever the clock said. */
  readonly generation?: number;
  readonly created_at: string;
  readonly updated_at: string;
}

export type MemberEvent =
  | { readonly type: "member.upserted"; readonly data: Pick<Member, "display_name" | "email" | "roles"> }
  | {
      readonly type: "member.offboarded";
      readonly data: { readonly reason: string | null; readonly generation?: number };
    };

export const memberAggregate: Aggregate<Member> = {
  evolve(state, event, { time }) {
    switch (event.type) {
      case "member.upserted":
        return {
          ...event.data,
          ...generationOf(state),
          status: "active",
          tokens_from: state?.status === "offboarded" ? time : (state?.tokens_from ?? null),
          created_at: state?.created_at ?? time,
          updated_at: time,
        };
      case "member.offboarded":
        return {
          ...present(state, "member", event),
          ...generationOf(event.data),
          status: "offboarded",
          updated_at: time,
        };
      default:
        return unconcerned("member", event);
    }
  },
};

const generationOf = (of: { readonly generation?: number } | undefined) =>
  of?.generation === undefined ? {} : { generation: of.generation };
