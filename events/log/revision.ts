/**
 * Revisions of aggregates. One counts the events that made the aggregate what it is, and holds above that count the epoch in
 * which the last of them was written. So no revision of one epoch is ever reached again in another: who loaded a state
 * before a failover and commits behind it is stale, also where the lost events' places were taken by others since.
 */
import { firstEpoch } from "./head.ts";

/** What an aggregate can count; epochs up to 2^21 are left above it. */
const perEpoch = 2 ** 32;

/** @param before 0: there is no such aggregate yet @param epoch that of the lane's head */
export const nextRevision = (before: number, epoch: number): number =>
  (epoch - firstEpoch) * perEpoch + (before % perEpoch) + 1;

/** In which an aggregate was written last; the first of all for one that does not exist. */
export const epochOfRevision = (rev: number): number => firstEpoch + Math.floor(rev / perEpoch);

/** Whether an event that brings an aggregate to `next` may stand right behind the one that brought it to `before`. */
export const isNextRevision = (before: number, next: number): boolean =>
  next > before && next % perEpoch === (before % perEpoch) + 1;
