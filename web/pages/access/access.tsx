import type { Operations } from "../../api/generated.ts";
import { useChange, useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { useFilters } from "../../parts/filters.tsx";
import { When } from "../../parts/time.tsx";
import { NewToken } from "./new-token.tsx";
import { Sessions } from "./sessions.tsx";

type Token = Operations["access.tokens"]["response"]["items"][number];
type Member = Operations["access.members"]["response"]["items"][number];

const sections = ["Tokens", "Members", "Roles", "Sessions"] as const;

export default function Access() {
  const { filters, set } = useFilters(["show"]);
  const shown = sections.find((title) => title.toLowerCase() === filters.show) ?? "Tokens";
  return (
    <>
      <h1>Access</h1>
      <div className="actions" role="group" aria-label="Show">
        {sections.map((what) => (
          <button
            key={what}
            type="button"
            aria-pressed={shown === what}
            onClick={() => set("show", what.toLowerCase())}
          >
            {what}
          </button>
        ))}
      </div>
      {shown === "Tokens" && <Tokens />}
      {shown === "Members" && <Members />}
      {shown === "Roles" && <Roles />}
      {shown === "Sessions" && <Sessions />}
    </>
  );
}

function Tokens() {
  const revoke = useChange("access.revoke-token");
  const mayWrite = useMay("access:write");
  const columns: readonly Column<Token>[] = [
    { title: "Speaks for", cell: ({ subject }) => subject, width: "minmax(10rem, 1fr)" },
    {
      title: "Used by",
      cell: ({ client }) => client ?? <span className="muted">not said</span>,
      width: "minmax(10rem, 1fr)",
    },
    { title: "State", cell: (token) => <Badge state={stateOf(token)} />, width: "7rem" },
    { title: "May", cell: ({ scopes }) => scopes.join(", "), width: "minmax(12rem, 2fr)" },
    {
      title: "Until",
      cell: ({ expires_at }) => (expires_at === null ? "for ever" : <When at={expires_at} />),
      width: "8rem",
    },
    ...(mayWrite
      ? [
          {
            title: "Change",
            width: "9rem",
            cell: (token: Token) =>
              stateOf(token) === "active" && (
                <Confirm
                  verb="Revoke"
                  object={`the token of ${token.subject}`}
                  consequence="Whoever uses it is refused at once."
                  run={() => revoke.mutateAsync({ params: { id: token.id } })}
                />
              ),
          },
        ]
      : []),
  ];
  return (
    <>
      <h2>API tokens</h2>
      {mayWrite && <NewToken />}
      <DataTable
        label="API tokens"
        operation="access.tokens"
        columns={columns}
        rowKey={({ id }) => id}
        empty="There is no token."
      />
    </>
  );
}

const stateOf = ({ revoked_at, expires_at }: Token): string =>
  revoked_at !== null ? "revoked" : expires_at !== null && Date.parse(expires_at) <= Date.now() ? "expired" : "active";

function Members() {
  const offboard = useChange("access.offboard-member");
  const mayWrite = useMay("access:write");
  const columns: readonly Column<Member>[] = [
    { title: "Subject", cell: ({ subject, display_name }) => display_name ?? subject, width: "minmax(12rem, 2fr)" },
    { title: "State", cell: ({ status }) => <Badge state={status} />, width: "8rem" },
    { title: "Roles", cell: ({ roles }) => roles.join(", ") },
    { title: "Since", cell: ({ created_at }) => <When at={created_at} />, width: "8rem" },
    ...(mayWrite
      ? [
          {
            title: "Change",
            width: "9rem",
            cell: ({ subject, status }: Member) =>
              status === "active" && (
                <Confirm
                  verb="Offboard"
                  object={subject}
                  consequence="Tokens and sessions of this member end at once."
                  run={() => offboard.mutateAsync({ params: { subject }, body: {} })}
                />
              ),
          },
        ]
      : []),
  ];
  return (
    <>
      <h2>Members</h2>
      <DataTable
        label="Members"
        operation="access.members"
        columns={columns}
        rowKey={({ subject }) => subject}
        empty="There is no member: who signs in has what sign-in grants."
      />
    </>
  );
}

function Roles() {
  const roles = useOperation("access.roles", {});
  return (
    <>
      <h2>Roles</h2>
      {(roles.data?.items ?? []).map(({ name, permissions }) => (
        <section key={name} className="card">
          <h3>{name}</h3>
          <p>{permissions.join(", ")}</p>
        </section>
      ))}
    </>
  );
}
