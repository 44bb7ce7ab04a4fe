import { describe, expect, it } from "vitest";
import type { LoggedEvent } from "#shared/ports/event-log";
import { endEntries, endedRange } from "./certificate-ends.ts";

const entriesOf = (event: object) => endEntries({ event } as unknown as LoggedEvent).map(({ sort, id }) => [sort, id]);
const issued = { issuer: "ca", serial: "02", replaces: "ca-01", not_after: "2027-03-01T00:00:00.000Z" };
const ended = { issuer: "ca", serial: "01", not_after: "2027-01-01T00:00:00.000Z" };

describe("the index of what was revoked or superseded", () => {
  it("has what is replaced by when that ends; where that was not written, by when its successor does", () => {
    const replaces_until = "2027-01-01T00:00:00.000Z";
    const entry = (until: string) => [[`superseded#${until}#ca-01#ca-02`, "ca-01"]];
    expect(entriesOf({ type: "certificate.issued", data: { ...issued, replaces_until } })).toEqual(
      entry(replaces_until),
    );
    expect(entriesOf({ type: "certificate.issued", data: issued })).toEqual(entry(issued.not_after));
    expect(entriesOf({ type: "certificate.issued", data: { ...issued, replaces: undefined } })).toEqual([]);
  });

  it("has every certificate of every event that revokes", () => {
    const entry = [`revoked#${ended.not_after}#ca-01`, "ca-01"];
    for (const type of ["certificate.revoked", "certificate.reconciled"])
      expect(entriesOf({ type, data: ended })).toEqual([entry]);
    const more = { ...ended, serial: "03", not_after: undefined };
    for (const type of ["identity.revoked", "revocation-job.advanced"])
      expect(entriesOf({ type, data: { certificates: [ended, more] } })).toEqual([entry, ["revoked##ca-03", "ca-03"]]);
    expect(entriesOf({ type: "owner.created", data: {} })).toEqual([]);
  });

  it("is read between two ends, each with its own", () => {
    const { from, to } = endedRange("revoked", ended.not_after, ended.not_after);
    const [[sort = ""] = []] = entriesOf({ type: "certificate.revoked", data: ended });
    expect([from <= sort, sort <= to]).toEqual([true, true]);
    const all = endedRange("revoked", undefined, undefined);
    expect([all.from <= sort, sort <= all.to, "revoked##ca-03" >= all.from]).toEqual([true, true, true]);
  });
});
