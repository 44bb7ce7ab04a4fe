/**
 * The names under which an edge finds what was signed for everybody. The name of what ends has a window of time in it: who
 * asks in the next window asks for another name, so nothing is served beyond its window, whatever was forgotten or failed.
 * `infra/aws/edge/revocation-viewer.js` computes the same at the edge.
 */
import { base64url, fromBase64url } from "#shared/kernel/bytes";
import { sequence } from "./der/writer.ts";

/** From when to when the object under a name is served; milliseconds. */
export interface Window {
  readonly number: number;
  readonly startMs: number;
  readonly endMs: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** So far may the clocks of edges lie from ours. */
const edgeSkewMs = 120_000;
/** What is stored speaks for so much longer than its window: for the edge's cache and its clock. */
export const beyondWindowMs = 600_000;
const maxCertIdOctets = 256;

/** Hours begin at another moment for each certificate: not all are signed anew at once. */
const hourOffsetMs = (certId: Uint8Array): number => 14_000 * (certId.at(-1) ?? 0);

const numbered = (number: number, lengthMs: number, offsetMs: number): Window => ({
  number,
  startMs: number * lengthMs - offsetMs,
  endMs: (number + 1) * lengthMs - offsetMs,
});

/** @param certId DER */
export const ocspWindow = (certId: Uint8Array, nowMs: number): Window =>
  numbered(Math.floor((nowMs + hourOffsetMs(certId)) / hourMs), hourMs, hourOffsetMs(certId));

export const crlWindow = (nowMs: number): Window => numbered(Math.floor(nowMs / dayMs), dayMs, 0);

/** The windows that some edge may be in now. */
export function windowsAround(windowAt: (nowMs: number) => Window, nowMs: number): readonly Window[] {
  const windows = [nowMs - edgeSkewMs, nowMs, nowMs + edgeSkewMs].map(windowAt);
  return windows.filter(({ number }, at) => number !== windows[at - 1]?.number);
}

/** @param certId DER */
export const ocspKey = (issuer: string, window: number, certId: Uint8Array): string =>
  `status/ocsp/${issuer}/${window}/${base64url(certId)}`;

export const crlKey = (issuer: string, window: number, file: string): string =>
  `status/crl/${issuer}/${window}/${file}`;

export const caKey = (issuer: string): string => `status/ca/${issuer}.cer`;

export const crlFile = (shard: number, delta: boolean): string => `${shard}${delta ? "-delta" : ""}.crl`;

export interface StoredQuestion {
  readonly certId: Uint8Array;
  /** OCSPRequest, DER: the very octets that the edge was asked with. */
  readonly request: Uint8Array;
}

/** What the edge cut the name from; undefined for what no edge names. The octets are anybody's: nothing in them was read. */
export function parseStoredQuestion(name: string): StoredQuestion | undefined {
  const certId = fromBase64url(name);
  if (certId.length === 0 || certId.length > maxCertIdOctets || base64url(certId) !== name) return undefined;
  return { certId, request: sequence(sequence(sequence(sequence(certId)))) };
}
