/** Requests that both servers get, one row each: what comes back is compared in words. */
import { X509Certificate } from "node:crypto";
import { binding, dnsValue, newSigner, type PostOptions } from "./client.ts";
import { csrFor, seen, type Seen, type Subject } from "./subject.ts";

export type Case = (subject: Subject) => Promise<Seen>;

const dns = (value: string) => ({ type: "dns", value }) as const;

/** A request by an account that has one. */
const asAccount =
  (resource: string, payload: unknown, options: PostOptions = {}): Case =>
  async (subject) =>
    seen(await (await subject.account()).postTo(resource, payload, options));

const orderOf =
  (...identifiers: readonly object[]): Case =>
  (subject) =>
    asAccount("newOrder", { identifiers })(subject);

const order = { identifiers: [{ type: "dns", value: "jws.example.test" }] };

const jws: Readonly<Record<string, Case>> = {
  "a nonce that was used": async (subject) => {
    const client = await subject.account();
    const url = await client.url("newOrder");
    const text = JSON.stringify(client.jws(url, order, await client.nonce(), {}));
    const headers = { "content-type": "application/jose+json" };
    await client.send("POST", url, headers, text);
    const again = await client.send("POST", url, headers, text);
    return `${seen(again)}, ${again.headers["replay-nonce"] === undefined ? "no" : "a"} fresh nonce`;
  },
  "a nonce that is none": asAccount("newOrder", order, { header: { nonce: "AAAAAAAAAAAAAAAAAAAAAA" } }),
  "no nonce": asAccount("newOrder", order, { header: { nonce: undefined } }),
  "the URL of another resource": asAccount("newOrder", order, { header: { url: "https://localhost/other" } }),
  "no URL": asAccount("newOrder", order, { header: { url: undefined } }),
  "kid and jwk": asAccount("newOrder", order, { identify: "both" }),
  "neither kid nor jwk": asAccount("newOrder", order, { identify: "neither" }),
  "jwk where kid belongs": asAccount("newOrder", order, { identify: "jwk" }),
  "kid where jwk belongs": asAccount("newAccount", {}, { identify: "kid" }),
  "the kid of nobody": async (subject) => {
    const client = await subject.account();
    client.kid = `${client.kid}0`;
    return seen(await client.postTo("newOrder", order));
  },
  "another account's kid": async (subject) => {
    const client = await subject.account();
    return seen(await client.postTo("newOrder", order, { signer: newSigner() }));
  },
  "alg none": asAccount("newOrder", order, { header: { alg: "none" } }),
  "alg HS256": asAccount("newOrder", order, { header: { alg: "HS256" } }),
  "an alg of another key": asAccount("newOrder", order, { header: { alg: "ES384" } }),
  "a signature of nothing": asAccount("newOrder", order, { change: (jws) => ({ ...jws, signature: "" }) }),
  "a critical header": asAccount("newOrder", order, { header: { crit: ["x"], x: 1 } }),
  "an unprotected header": asAccount("newOrder", order, { change: (jws) => ({ ...jws, header: { x: 1 } }) }),
  "several signatures": asAccount("newOrder", order, {
    change: ({ payload, protected: head, signature }) => ({ payload, signatures: [{ protected: head, signature }] }),
  }),
  "a body that is no JWS": asAccount("newOrder", order, { change: () => "x" }),
  "another content type": asAccount("newOrder", order, { contentType: "application/json" }),
  "an object where POST-as-GET has nothing": async (subject) => {
    const client = await subject.account();
    return seen(await client.post((await subject.order(client, subject.name())).headers.location as string, {}));
  },
  "GET of an order": async (subject) => {
    const client = await subject.account();
    return seen(await client.send("GET", (await subject.order(client, subject.name())).headers.location as string));
  },
};

const accounts: Readonly<Record<string, Case>> = {
  "GET newNonce": async (subject) => {
    const client = subject.stranger();
    const { status, headers } = await client.send("GET", await client.url("newNonce"));
    return `${status} ${headers["cache-control"]}`;
  },
  "HEAD newNonce": async (subject) => {
    const client = subject.stranger();
    const { status, headers } = await client.send("HEAD", await client.url("newNonce"));
    return `${status} ${headers["cache-control"]}`;
  },
  "a new account": async (subject) => {
    const reply = await subject.stranger().postTo("newAccount", { termsOfServiceAgreed: true });
    return `${seen(reply)} ${reply.json.status}, orders ${typeof reply.json.orders}, Location ${typeof reply.headers.location}`;
  },
  "the same key again": async (subject) => {
    const client = await subject.account();
    const reply = await client.postTo("newAccount", {}, { identify: "jwk" });
    return `${seen(reply)}, ${reply.headers.location === client.kid ? "same" : "other"} Location`;
  },
  "onlyReturnExisting of nobody": async (subject) =>
    seen(await subject.stranger().postTo("newAccount", { onlyReturnExisting: true })),
  "a contact by telephone": async (subject) =>
    seen(await subject.stranger().postTo("newAccount", { termsOfServiceAgreed: true, contact: ["tel:+1234"] })),
  "a contact that is no address": async (subject) =>
    seen(await subject.stranger().postTo("newAccount", { termsOfServiceAgreed: true, contact: ["mailto:x"] })),
  "two addresses in one contact": async (subject) =>
    seen(
      await subject
        .stranger()
        .postTo("newAccount", { termsOfServiceAgreed: true, contact: ["mailto:a@example.test,b@example.test"] }),
    ),
  "a status from the client": asAccount("newAccount", { status: "revoked" }, { identify: "jwk" }),
  "an RSA account key": async (subject) => {
    const client = subject.stranger();
    client.signer = newSigner("RSA");
    return seen(await client.postTo("newAccount", { termsOfServiceAgreed: true }));
  },
  "a binding that nobody gave": async (subject) => {
    const client = subject.stranger();
    const url = await client.url("newAccount");
    const externalAccountBinding = binding(client.signer, url, "nobody", Buffer.alloc(32).toString("base64url"));
    return seen(await client.post(url, { termsOfServiceAgreed: true, externalAccountBinding }));
  },
  "another account's account": async (subject) => {
    const [one, other] = [await subject.account(), await subject.account()];
    return seen(await other.post(one.kid));
  },
  "a deactivated account": async (subject) => {
    const client = await subject.account();
    const gone = await client.post(client.kid, { status: "deactivated" });
    return `${seen(gone)} ${gone.json.status}, then ${seen(await client.postTo("newOrder", order))}`;
  },
  "key change": async (subject) => {
    const client = await subject.account();
    const next = newSigner();
    const url = await client.url("keyChange");
    const inner = client.jws(url, { account: client.kid, oldKey: client.signer.jwk }, undefined, {
      signer: next,
      identify: "jwk",
    });
    const changed = await client.post(url, inner);
    const before = await client.post(client.kid);
    client.signer = next;
    return `${seen(changed)}, old key ${seen(before)}, new key ${seen(await client.post(client.kid))}`;
  },
  "key change to another account's key": async (subject) => {
    const [client, other] = [await subject.account(), await subject.account()];
    const url = await client.url("keyChange");
    const payload = { account: client.kid, oldKey: client.signer.jwk };
    const reply = await client.post(
      url,
      client.jws(url, payload, undefined, { signer: other.signer, identify: "jwk" }),
    );
    return `${seen(reply)}, ${reply.headers.location === other.kid ? "with" : "without"} its Location`;
  },
  "key change with another oldKey": async (subject) => {
    const client = await subject.account();
    const url = await client.url("keyChange");
    const payload = { account: client.kid, oldKey: newSigner().jwk };
    return seen(await client.post(url, client.jws(url, payload, undefined, { signer: newSigner(), identify: "jwk" })));
  },
};

const orders: Readonly<Record<string, Case>> = {
  "a new order": async (subject) => {
    const client = await subject.account();
    const reply = await subject.order(client, subject.name());
    return `${seen(reply)} ${reply.json.status}, expires ${typeof reply.json.expires}, Location ${typeof reply.headers.location}`;
  },
  "no identifier": orderOf(),
  "an identifier of another type": orderOf({ type: "email", value: "a@example.test" }),
  "a name with an underscore": orderOf(dns("a_b.example.test")),
  "a name with a dot at its end": orderOf(dns("a.example.test.")),
  "a name of one label": orderOf(dns("localhost")),
  "an address as a name": orderOf(dns("127.0.0.1")),
  "an empty name": orderOf(dns("")),
  "a star in the middle": orderOf(dns("a.*.example.test")),
  "two stars": orderOf(dns("*.*.example.test")),
  "a name with a port": orderOf(dns("example.test:80")),
  "an address": orderOf({ type: "ip", value: "127.0.0.1" }),
  "an IPv6 address not in short form": orderOf({ type: "ip", value: "0:0:0:0:0:0:0:1" }),
  "a name as an address": orderOf({ type: "ip", value: "example.test" }),
  "a profile that nobody has": asAccount("newOrder", { ...order, profile: "nobody-has-this" }),
  "notAfter that is no time": asAccount("newOrder", { ...order, notAfter: "tomorrow" }),
  "the same name twice": async (subject) => {
    const client = await subject.account();
    const name = subject.name();
    const reply = await subject.order(client, name, name);
    return `${seen(reply)}, ${reply.json.identifiers?.length} identifiers`;
  },
  "a name in capitals": async (subject) => {
    const client = await subject.account();
    const name = subject.name();
    const reply = await subject.order(client, name.toUpperCase());
    return `${seen(reply)}, ${reply.json.identifiers?.[0]?.value === name ? "lower case" : "as it came"}`;
  },
  "the challenges of a name": async (subject) => {
    const client = await subject.account();
    const { json } = await subject.authorization(client, await subject.order(client, subject.name()));
    return json.challenges
      .map(({ type }: { type: string }) => type)
      .toSorted()
      .join(" ");
  },
  "the challenges of a wildcard": async (subject) => {
    const client = await subject.account();
    const { json } = await subject.authorization(client, await subject.order(client, `*.${subject.name()}`));
    const types = json.challenges.map(({ type }: { type: string }) => type);
    return `${types.join(" ")}, wildcard ${json.wildcard}, ${json.identifier.value.startsWith("*") ? "with" : "without"} star`;
  },
  "the challenges of an address": async (subject) => {
    const client = await subject.account();
    const { json } = await subject.authorization(client, await subject.order(client, "127.0.0.1"));
    return json.challenges
      .map(({ type }: { type: string }) => type)
      .toSorted()
      .join(" ");
  },
  "another account's order": async (subject) => {
    const [one, other] = [await subject.account(), await subject.account()];
    const { headers } = await subject.order(one, subject.name());
    return seen(await other.post(String(headers.location)));
  },
  "another account's authorization": async (subject) => {
    const [one, other] = [await subject.account(), await subject.account()];
    const { json } = await subject.order(one, subject.name());
    return seen(await other.post(json.authorizations[0]));
  },
  "another account's challenge": async (subject) => {
    const [one, other] = [await subject.account(), await subject.account()];
    const { json } = await subject.authorization(one, await subject.order(one, subject.name()));
    return seen(await other.post(json.challenges[0].url, {}));
  },
  "finalize of another account's order": async (subject) => {
    const [one, other] = [await subject.account(), await subject.account()];
    const name = subject.name();
    const { json } = await subject.order(one, name);
    return seen(await other.post(json.finalize, { csr: csrFor(dns(name)) }));
  },
  "an order that does not exist": async (subject) => {
    const client = await subject.account();
    const { headers } = await subject.order(client, subject.name());
    return seen(await client.post(`${String(headers.location)}x`));
  },
  "an authorization that was deactivated": async (subject) => {
    const client = await subject.account();
    const made = await subject.order(client, subject.name());
    const { url } = await subject.authorization(client, made);
    const gone = await client.post(url, { status: "deactivated" });
    const after = await client.post(String(made.headers.location));
    return `${seen(gone)} ${gone.json.status}, its order ${after.json.status}`;
  },
  "a proof is used again": async (subject) => {
    const client = await subject.account();
    const name = subject.name();
    await subject.issue(client, name);
    return (await subject.order(client, name)).json.status;
  },
};

/** Finalize of an order for one name that was proven. */
const finalize =
  (csrOf: (name: string, subject: Subject) => unknown): Case =>
  async (subject) => {
    const client = await subject.account();
    const name = subject.name();
    const ready = await subject.prove(client, await subject.order(client, name));
    return seen(await client.post(ready.finalize, { csr: csrOf(name, subject) }));
  };

const certificates: Readonly<Record<string, Case>> = {
  "finalize before the proof": async (subject) => {
    const client = await subject.account();
    const name = subject.name();
    const { json } = await subject.order(client, name);
    return seen(await client.post(json.finalize, { csr: csrFor(dns(name)) }));
  },
  "finalize with a further name": finalize((name) => csrFor(dns(name), dns("further.example.test"))),
  "finalize with another name": finalize(() => csrFor(dns("other.example.test"))),
  "finalize with an address more": finalize((name) => csrFor(dns(name), { type: "ip", value: "127.0.0.1" })),
  "finalize with PEM": finalize(() => "-----BEGIN CERTIFICATE REQUEST-----"),
  "finalize with what is no request": finalize(() => Buffer.from("no request").toString("base64url")),
  "finalize without a request": finalize(() => undefined),
  "a certificate": async (subject) => {
    const client = await subject.account();
    const { url } = await subject.issue(client);
    const { status, headers, text } = await client.post(url);
    const count = text.match(/BEGIN CERTIFICATE/g)?.length ?? 0;
    return `${status} ${headers["content-type"]}, ${count > 1 ? "with" : "without"} chain`;
  },
  "another account's certificate": async (subject) => {
    const [one, other] = [await subject.account(), await subject.account()];
    return seen(await other.post((await subject.issue(one)).url));
  },
  "revocation by the account, then again": async (subject) => {
    const client = await subject.account();
    const certificate = derOf((await subject.issue(client)).pem);
    const once = await client.postTo("revokeCert", { certificate, reason: 4 });
    return `${seen(once)}, then ${seen(await client.postTo("revokeCert", { certificate }))}`;
  },
  "revocation by another account": async (subject) => {
    const [one, other] = [await subject.account(), await subject.account()];
    const { pem } = await subject.issue(one);
    return seen(await other.postTo("revokeCert", { certificate: derOf(pem) }));
  },
  "revocation by another account that proved the name": async (subject) => {
    const [one, other] = [await subject.account(), await subject.account()];
    const name = subject.name();
    const { pem } = await subject.issue(one, name);
    await subject.prove(other, await subject.order(other, name));
    return seen(await other.postTo("revokeCert", { certificate: derOf(pem) }));
  },
  ...Object.fromEntries(
    [2, 6, 7, 8, 99].map((reason): [string, Case] => [
      `revocation for the reason ${reason}`,
      async (subject) => {
        const client = await subject.account();
        const { pem } = await subject.issue(client);
        return seen(await client.postTo("revokeCert", { certificate: derOf(pem), reason }));
      },
    ]),
  ),
  "revocation of what is no certificate": asAccount("revokeCert", { certificate: "AAAA" }),
};

const derOf = (pem: string): string => new X509Certificate(pem).raw.toString("base64url");

/** A challenge that fails: what the authorization says then. */
const failing =
  (type: string, prepare: (subject: Subject, name: string, value: string) => void): Case =>
  async (subject) => {
    const client = await subject.account();
    const name = subject.name();
    const made = await subject.order(client, name);
    const { url, json } = await subject.authorization(client, made);
    const challenge = json.challenges.find((one: { type: string }) => one.type === type);
    prepare(subject, name, dnsValue(challenge.token, newSigner()));
    await client.post(challenge.url, {});
    const settled = await client.settled(url);
    const { error } = settled.challenges.find((one: { type: string }) => one.type === type);
    const after = await client.post(String(made.headers.location));
    return `${settled.status}, ${String(error.type).replace(/.*:/, "")}, order ${after.json.status}`;
  };

const validation: Readonly<Record<string, Case>> = {
  "dns-01 without a record": failing("dns-01", () => undefined),
  "dns-01 with another value": failing("dns-01", ({ world }, name, value) =>
    world.dns.set(`_acme-challenge.${name}`, "TXT", value),
  ),
  "dns-01 when the resolver fails": failing("dns-01", ({ world }, name) =>
    world.dns.fail(`_acme-challenge.${name}`, "SERVFAIL"),
  ),
  "http-01 when nobody listens": failing("http-01", () => undefined),
  "tls-alpn-01 when nobody listens": failing("tls-alpn-01", () => undefined),
};

export const cases: Readonly<Record<string, Case>> = { ...jws, ...accounts, ...orders, ...certificates, ...validation };
