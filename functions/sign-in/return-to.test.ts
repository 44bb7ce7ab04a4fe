import { describe, expect, it } from "vitest";
import { isFailure } from "#shared/kernel/failure";
import { ownPath } from "./return-to.ts";

const publicUrl = "https://ca.example.test:8443";

describe("where a sign-in ends", () => {
  it.each([
    [null, "/"],
    ["", "/"],
    ["/", "/"],
    ["/certificates?q=a%20b&sort=-expires#top", "/certificates?q=a%20b&sort=-expires#top"],
    ["/certificates/../owners", "/owners"],
    ["/a?next=https://elsewhere.test/", "/a?next=https://elsewhere.test/"],
    ["/authors", "/authors"],
  ])("%s is a page of ours: %s", (given, path) => {
    expect(ownPath(given, publicUrl)).toBe(path);
  });

  it.each([
    "https://elsewhere.test/",
    "https:/elsewhere.test",
    "https:elsewhere.test",
    "//elsewhere.test",
    "///elsewhere.test",
    "/\\elsewhere.test",
    "\\\\elsewhere.test",
    "/\t/elsewhere.test",
    "/\n/elsewhere.test",
    "/%0a/elsewhere.test\n",
    "/.//elsewhere.test",
    "/./\\elsewhere.test",
    "/a/..//elsewhere.test",
    "/%2e//elsewhere.test",
    "/a/%2e%2e//elsewhere.test",
    "\u0000//elsewhere.test",
    " //elsewhere.test",
    "\u2028//elsewhere.test",
    "/\u00a0",
    "javascript:alert(1)",
    "data:text/html,x",
    "elsewhere.test",
    "@elsewhere.test",
    ".elsewhere.test",
    ":443@elsewhere.test",
    "?x=y",
    "#x",
    "/auth/logout",
    "/auth/oidc/idp/start",
    "/x/../auth/oidc/idp/start",
    "/api/v1/owners",
    `/${"a".repeat(3_000)}`,
  ])("%j is none, and is refused", (given) => {
    let refusal: unknown;
    try {
      refusal = ownPath(given, publicUrl);
    } catch (error) {
      refusal = error;
    }
    expect(isFailure(refusal, "invalid_field"), String(refusal)).toBe(true);
  });
});
