import { expect, test } from "vitest";
import { checkSignInParameter } from "./sign-in-parameter.ts";

const work = {
  title: "Example ID",
  issuer: "https://id.example.com",
  client_id: "trstctl",
  rules: [{ group: "pki", tenant: "acme", roles: ["viewer"] }],
};
const pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

test("providers, and beside them what files hold on one machine", () => {
  const found = checkSignInParameter({
    providers: { work },
    client_secrets: { work: "s" },
    authorities: { work: pem },
  });
  expect(found).toMatchObject({ settings: { providers: { work: { title: "Example ID" } } } });
  expect(found).toMatchObject({ secrets: new Map([["work", "s"]]), authorities: new Map([["work", pem]]) });
  expect(checkSignInParameter({ providers: { work } })).toMatchObject({ secrets: new Map(), authorities: new Map() });
});

test("everything that is wrong is told at once, with its place and the way out", () => {
  const wrong = {
    providers: { work: { ...work, client_secret_file: "work.secret", issuer: "http://id.example.com" } },
    client_secrets: { other: "s" },
    authorities: { work: "no certificate" },
  };
  expect(checkSignInParameter(wrong)).toEqual([
    expect.stringMatching(/^providers\.work\.issuer: /),
    "providers.work.client_secret_file: there are no files here; put it into client_secrets.work",
    "client_secrets.other: there is no such provider",
    "authorities.work: holds no PEM certificate",
  ]);
  expect(checkSignInParameter({ providers: {} })).toEqual([expect.stringMatching(/at least one provider/)]);
  expect(checkSignInParameter({ providers: { work }, more: 1 })).toEqual([expect.stringMatching(/more/)]);
  for (const document of [null, "x", 1, []]) expect(Array.isArray(checkSignInParameter(document))).toBe(true);
});
