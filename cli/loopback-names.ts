/** `localhost` and what ends in it is this machine (RFC 6761 6.3): browsers know that, resolvers often do not. */
import type { LookupFunction } from "node:net";

const isLoopbackName = (host: string): boolean => /(^|\.)localhost\.?$/i.test(host);

const toLoopback: LookupFunction = (_name, options, found) =>
  options.all === true ? found(null, [{ address: "127.0.0.1", family: 4 }]) : found(null, "127.0.0.1", 4);

/** What a connection to `host` is given beside it. */
export const resolving = (host: string): { readonly lookup?: LookupFunction } =>
  isLoopbackName(host) && host.toLowerCase() !== "localhost" ? { lookup: toLoopback } : {};
