import { fresh, type Maker, ofStream, pick, refused } from "./asked.ts";

export const createIssuer: Maker = () => ({
  text: "create issuer",
  method: "POST",
  path: "/issuers",
  body: { name: fresh("CA") },
  publishes: true,
  signs: true,
  outcome: (_, tenant) => ({
    status: 201,
    event: "issuer.created",
    shows: ofStream,
    apply: ({ stream }) => void tenant.issuers.set(stream.id, "active"),
  }),
});

export const retireIssuer: Maker = ({ issuers }, { a }) => {
  const id = pick([...issuers.keys()].slice(a % 4 === 0 ? 0 : 1), a) ?? "nothing";
  return {
    text: `retire issuer ${a}`,
    method: "POST",
    path: `/issuers/${id}/retire`,
    outcome(_, tenant) {
      const status = tenant.issuers.get(id);
      if (status === undefined) return refused(404);
      if (status === "retired") return refused(409);
      return {
        status: 200,
        event: "issuer.retired",
        shows: () => id,
        apply: () => void tenant.issuers.set(id, "retired"),
      };
    },
  };
};
