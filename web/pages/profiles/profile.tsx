import { Link, useParams } from "@tanstack/react-router";
import { useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { Facts } from "../../parts/facts.tsx";
import { ChoiceFilter, Filters, useFilters } from "../../parts/filters.tsx";
import { IssuerLink } from "../../parts/names.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Moment } from "../../parts/time.tsx";
import { DifferenceTable } from "./difference-table.tsx";
import { labels, settings, wordsFor } from "./spec.ts";
import { useActiveProfile } from "./use-active-profile.ts";
import { Uses } from "./uses.tsx";

export default function Profile() {
  const { name = "" } = useParams({ strict: false }) as { name?: string };
  const { filters, set } = useFilters(["version"]);
  const mayWrite = useMay("profiles:write");
  const newest = useActiveProfile(name);
  const latest = newest.data?.version ?? 0;
  const version = filters.version ?? String(latest);
  const shown = useOperation("profiles.get", { params: { name, version: Number(version) } }, latest > 0);
  const before = useOperation("profiles.get", { params: { name, version: Number(version) - 1 } }, Number(version) > 1);
  const error = newest.error ?? shown.error;
  if (error !== null) return <Problem error={error} retry={() => void shown.refetch()} />;
  if (shown.data === undefined) return <p className="waiting">Loading…</p>;
  const { spec, active, created_at, created_by } = shown.data;
  return (
    <>
      <div className="heading">
        <h1>
          {name}, version {shown.data.version} <Badge state={active ? "active" : "superseded"} />
        </h1>
        {mayWrite && (
          <Link to="/profiles/$name/edit" params={{ name }} search={{ from: version }} className="button primary">
            New version
          </Link>
        )}
      </div>
      {latest > 1 && (
        <Filters>
          <ChoiceFilter
            label="Version"
            value={version}
            choices={Array.from(
              { length: latest },
              (_, at) => [String(latest - at), `Version ${latest - at}`] as const,
            )}
            onChange={(value) => set("version", value === String(latest) ? "" : value)}
          />
        </Filters>
      )}
      <Facts
        facts={[
          ...settings.map(
            (setting) =>
              [
                labels[setting],
                setting === "issuer_id" && spec.issuer_id !== undefined ? (
                  <IssuerLink key="i" id={spec.issuer_id} />
                ) : (
                  wordsFor(spec, setting)
                ),
              ] as const,
          ),
          ["Made by", created_by],
          ["Since", <Moment key="s" at={created_at} />],
        ]}
      />
      {before.data !== undefined && (
        <>
          <h2>What version {version} changed</h2>
          <DifferenceTable
            before={before.data.spec}
            after={spec}
            titles={[`Version ${Number(version) - 1}`, `Version ${version}`]}
          />
        </>
      )}
      <Uses name={name} />
    </>
  );
}
