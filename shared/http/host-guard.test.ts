import { expect, test } from "vitest";
import { assertHost } from "./host-guard.ts";

const names = ["localhost", "127.0.0.1", "::1", "pki.example.test"];
const guard = (host?: string, origin?: string) => (): void =>
  assertHost(new Headers({ ...(host !== undefined && { host }), ...(origin !== undefined && { origin }) }), names);
const refused = expect.objectContaining({ code: "host_refused" }) as Error;

test.each(["localhost", "LOCALHOST:8443", "127.0.0.1:1", "[::1]:8443", "[::1]", "pki.example.test"])(
  "%s is ours",
  (host) => {
    expect(guard(host)).not.toThrow();
  },
);

test.each([
  undefined,
  "",
  "evil.test",
  "localhost.evil.test",
  "evil.test:localhost",
  "localhost@evil.test",
  "evil.test#localhost",
  "localhost.",
  "localhost:123456",
  "localhost:8443:8443",
  "127.0.0.1.evil.test",
  "127.1",
  "2130706433",
  "[::1",
  "[::2]",
  "localhost, evil.test",
])("%s is not", (host) => {
  expect(guard(host)).toThrow(refused);
});

test.each(["https://localhost:8443", "http://127.0.0.1", "https://PKI.example.test", "http://[::1]:8080"])(
  "origin %s is ours",
  (origin) => {
    expect(guard("localhost", origin)).not.toThrow();
  },
);

test.each([
  "null",
  "",
  "https://evil.test",
  "https://localhost.evil.test",
  "https://localhost@evil.test",
  "localhost",
  "file://",
  "https://evil.test/localhost",
])("origin %j is not", (origin) => {
  expect(guard("localhost", origin)).toThrow(refused);
});
