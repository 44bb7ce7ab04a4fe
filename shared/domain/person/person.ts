import { type Aggregate, present, unconcerned } from "../aggregate.ts";

/** How somebody signed in. */
interface Way {
  readonly method: "local" | "oidc";
  /** Name of the identity provider; null where there was none. */
  readonly provider: string | null;
}

/** Id = subject. Who signed in to the console, member or not: what is known of the last time. */
export interface Person extends Way {
  readonly name: string | null;
  readonly signed_in_at: string;
  readonly sign_ins: number;
}

/** Sessions stand in the store and expire; that they began and were ended stands here. `session` is an id, never a secret. */
export type PersonEvent =
  | {
      readonly type: "person.signed-in";
      readonly data: Way & { readonly name: string | null; readonly session: string };
    }
  | { readonly type: "person.stepped-up"; readonly data: Way & { readonly session: string } }
  | { readonly type: "person.signed-out"; readonly data: { readonly session: string } }
  | {
      readonly type: "person.sessions-ended";
      readonly data: {
        /** asked: by who may; provider: it ended its own; offboarded: the member was. */
        readonly because: "asked" | "provider" | "offboarded";
        readonly count: number;
        /** Where one was meant. */
        readonly session: string | null;
      };
    };

export const personAggregate: Aggregate<Person> = {
  evolve(state, event, { time }) {
    switch (event.type) {
      case "person.signed-in": {
        const { method, provider, name } = event.data;
        return { method, provider, name, signed_in_at: time, sign_ins: (state?.sign_ins ?? 0) + 1 };
      }
      case "person.stepped-up":
      case "person.signed-out":
      case "person.sessions-ended":
        return present(state, "person", event);
      default:
        return unconcerned("person", event);
    }
  },
};
