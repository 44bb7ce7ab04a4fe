import { chosen, fresh, type Maker, ofStream, refused } from "./asked.ts";

/** A few are enough: what happens to them counts. */
const maxOwners = 4;

export const createOwner: Maker = (before, wish) => {
  if (before.owners.size >= maxOwners) return updateOwner(before, wish);
  const name = fresh("owner");
  return {
    text: "create owner",
    method: "POST",
    path: "/owners",
    body: { kind: "team", name },
    outcome: (_, tenant) => ({
      status: 201,
      event: "owner.created",
      apply: ({ stream }) => void tenant.owners.set(stream.id, { name, references: 0 }),
      shows: ofStream,
    }),
  };
};

export const updateOwner: Maker = (before, wish) => {
  const { a } = wish;
  const id = chosen(before.owners.keys(), a);
  if (id === undefined) return createOwner(before, wish);
  const name = fresh("renamed");
  return {
    text: `update owner ${a}`,
    method: "PUT",
    path: `/owners/${id}`,
    body: { kind: "team", name },
    outcome(_, tenant) {
      const owner = tenant.owners.get(id);
      if (owner === undefined) return refused(404);
      return { status: 200, event: "owner.updated", apply: () => void (owner.name = name), shows: () => id };
    },
  };
};

export const deleteOwner: Maker = (before, wish) => {
  const { a } = wish;
  const id = chosen(before.owners.keys(), a);
  if (id === undefined) return createOwner(before, wish);
  return {
    text: `delete owner ${a}`,
    method: "DELETE",
    path: `/owners/${id}`,
    outcome(_, tenant) {
      const owner = tenant.owners.get(id);
      if (owner === undefined) return refused(404);
      if (owner.references > 0) return refused(409);
      return { status: 204, event: "owner.deleted", apply: () => void tenant.owners.delete(id) };
    },
  };
};
