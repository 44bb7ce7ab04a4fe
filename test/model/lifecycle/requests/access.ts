import { chosen, type Maker, ofStream, pick, refused } from "./asked.ts";

const subjects = ["m1", "m2", "m3"];

export const putMember: Maker = (_, { a }) => {
  const subject = pick(subjects, a) as string;
  return {
    text: `put member ${subject}`,
    method: "PUT",
    path: `/access/members/${subject}`,
    body: { roles: ["viewer"] },
    outcome: (__, tenant) => ({
      status: 200,
      event: "member.upserted",
      apply: () => void tenant.members.set(subject, "active"),
    }),
  };
};

export const offboard: Maker = (before, wish) => {
  const subject = chosen(before.members.keys(), wish.a);
  if (subject === undefined) return putMember(before, wish);
  return {
    text: `offboard ${subject}`,
    method: "POST",
    path: `/access/members/${subject}/offboard`,
    body: {},
    outcome(__, tenant) {
      const status = tenant.members.get(subject);
      if (status === undefined) return refused(404);
      if (status === "offboarded") return refused(409);
      return {
        status: 200,
        event: "member.offboarded",
        apply() {
          tenant.members.set(subject, "offboarded");
          for (const token of tenant.tokens.values()) if (token.subject === subject) token.orphaned = true;
        },
      };
    },
  };
};

export const mintToken: Maker = (_, { a }) => {
  const subject = pick(subjects, a) as string;
  return {
    text: `mint token of ${subject}`,
    method: "POST",
    path: "/access/api-tokens",
    body: { subject, scopes: ["owners:read"] },
    outcome(__, tenant) {
      if (tenant.members.get(subject) === "offboarded") return refused(422);
      return {
        status: 201,
        event: "token.created",
        shows: ofStream,
        apply: ({ stream }) =>
          void tenant.tokens.set(stream.id, { subject, revoked: false, orphaned: false, text: undefined }),
      };
    },
  };
};

export const revokeToken: Maker = (before, wish) => {
  const { a } = wish;
  const id = chosen(before.tokens.keys(), a);
  if (id === undefined) return mintToken(before, wish);
  return {
    text: `revoke token ${a}`,
    method: "DELETE",
    path: `/access/api-tokens/${id}`,
    outcome(_, tenant) {
      const token = tenant.tokens.get(id);
      if (token === undefined) return refused(404);
      if (token.revoked) return refused(409);
      return { status: 204, event: "token.revoked", apply: () => void (token.revoked = true) };
    },
  };
};
