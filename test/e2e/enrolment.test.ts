/** Enrolment as an operator drives it: endpoints, secrets and approvals from the CLI; curl as the client (EST). */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parseCertificate } from "#shared/pki/certificate";
import { everyItem, type Host, type Json, run, startHost } from "./host.ts";
import { bundleFiles, newCsr, openssl, verifyChain } from "./openssl.ts";

let host: Host;
beforeAll(async () => {
  host = await startHost();
  return () => host.stop();
});

async function trstctl(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await host.cli(...words);
  expect(code, `trstctl ${words.join(" ")}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}
const shown = async (...words: string[]): Promise<Json> => JSON.parse(await trstctl(...words, "--output", "json"));

/** The request as EST sends it: base64 of the DER. @returns its path */
async function requestFor(file: string, name: string): Promise<string> {
  const path = join(host.directory, `${file}.b64`);
  writeFileSync(path, (await newCsr(host.directory, file, name)).replaceAll(/-----[^-]+-----/g, ""));
  return path;
}

interface Curled {
  readonly status: string;
  readonly body: string;
}

async function curl(path: string, request: string, user: string): Promise<Curled> {
  const ca = join(host.directory, "tls-root.pem");
  writeFileSync(ca, (await host.cli("tls-root")).stdout);
  const [out, type] = [join(host.directory, "answer"), "content-type: application/pkcs10"];
  const url = `${host.apiUrl}/.well-known/est/${path}`;
  const body = ["-H", type, "--data-binary", `@${request}`, "-o", out, "-w", "%{http_code}"];
  const { stdout, stderr, code } = await run("curl", ["-sS", "--cacert", ca, "--user", user, ...body, url]);
  expect(code, stderr).toBe(0);
  return { status: stdout, body: readFileSync(out, "utf8") };
}

/** The one certificate of a certs-only answer, as openssl reads it: PEM. */
async function certificateIn({ body }: Curled): Promise<string> {
  const der = join(host.directory, "answer.p7");
  writeFileSync(der, Buffer.from(body, "base64"));
  const [pem = ""] =
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/.exec(
      await openssl("pkcs7", "-inform", "DER", "-in", der, "-print_certs"),
    ) ?? [];
  return pem;
}

const derOf = (pem: string): Uint8Array =>
  new Uint8Array(Buffer.from(pem.replaceAll(/-----[^-]+-----/g, ""), "base64"));

describe("enrolment", () => {
  it("the evaluation profile has an endpoint that serves every protocol and is the default of each", async () => {
    const endpoint = await shown("enrolment-endpoints", "get", "default");
    expect(endpoint).toMatchObject({
      status: "active",
      protocols: expect.arrayContaining(["acme", "est", "scep", "cmp"]) as string[],
      auth: ["open", "secret", "token", "certificate"],
      approval: "automatic",
      validate_names: true,
      default: true,
    });
    const secret = (await trstctl("enrolment-credentials", "create", "--endpoint", "default")).trim();
    const [credential] = (await everyItem(host.admin, "/enrolment-credentials")).filter(
      (one) => one.endpoint === "default",
    );
    const request = await requestFor("label-less", "label-less.example.test");
    const answer = await curl("simpleenroll", request, `${credential.id}:${secret}`);
    expect(answer.status, answer.body).toBe("200");
  });

  it("an endpoint, a secret that is shown alone and once, a certificate that says where it came from", async () => {
    await trstctl("enrolment-endpoints", "create", "--label", "web", "--auth", "secret");
    const words = ["enrolment-credentials", "create", "--endpoint", "web", "--names", "app.example.test"];
    const { stdout, stderr } = await host.cli(...words);
    const secret = stdout.trim();
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const id = /^id +(\S+)$/m.exec(stderr)?.[1] ?? "";
    const request = await requestFor("app", "app.example.test");
    const other = await requestFor("other", "other.example.test");
    expect((await curl("web/simpleenroll", other, `${id}:${secret}`)).status).toBe("403");
    expect((await curl("web/simpleenroll", request, `${id}:${secret.slice(1)}x`)).status).toBe("401");
    const answer = await curl("web/simpleenroll", request, `${id}:${secret}`);
    expect(answer.status, answer.body).toBe("200");
    const pem = await certificateIn(answer);
    const { serialHex } = parseCertificate(derOf(pem));
    const listed = (await everyItem(host.admin, "/certificates")).find(({ serial }) => serial === serialHex);
    expect(listed).toMatchObject({ protocol: "est", endpoint: "web", status: "active" });
    const { chain } = await host.admin.ok("GET", `/certificates/${listed.id}`);
    const root = await host.admin.ok("GET", "/issuers/root");
    const bundle = bundleFiles(host.directory, "enrolled", pem + chain.join(""), root.certificate);
    expect((await verifyChain(bundle)).code).toBe(0);
    const events = (await everyItem(host.admin, "/audit/events")).filter(({ resource }) => resource.id === listed.id);
    expect(events.map(({ type, actor }) => [type, actor.subject])).toEqual([
      ["certificate.issued", `est:credential/${id}`],
    ]);
    // The same again is no second use; another request is.
    expect(await certificateIn(await curl("web/simpleenroll", request, `${id}:${secret}`))).toBe(pem);
    const second = await requestFor("second", "app.example.test");
    expect((await curl("web/simpleenroll", second, `${id}:${secret}`)).status).toBe("401");
    expect(await shown("enrolment-credentials", "get", id)).toMatchObject({ uses: 1, max_uses: 1 });
  });

  it("approval by a person: it waits, is approved or refused from the CLI, and the client hears of it", async () => {
    await trstctl("enrolment-endpoints", "create", "--label", "slow", "--approval", "manual");
    const credential = await shown("enrolment-credentials", "create", "--endpoint", "slow", "--max-uses", "2");
    const user = `${credential.id}:${credential.secret}`;
    const [good, bad] = [await requestFor("good", "good.example.test"), await requestFor("bad", "bad.example.test")];
    for (const request of [good, bad]) expect((await curl("slow/simpleenroll", request, user)).status).toBe("202");
    const pending = await shown("enrolment-requests", "list");
    const idOf = (name: string): string =>
      pending.items.find(({ names }: Json) => names.includes(`dns:${name}`)).id as string;
    expect(pending.items.map(({ endpoint, status }: Json) => [endpoint, status])).toEqual([
      ["slow", "pending"],
      ["slow", "pending"],
    ]);
    const approved = await shown("enrolment-requests", "approve", idOf("good.example.test"));
    expect(approved).toMatchObject({ status: "issued", decided_by: "local-admin" });
    await trstctl("enrolment-requests", "refuse", idOf("bad.example.test"), "--reason", "not ours", "--yes");
    const answer = await curl("slow/simpleenroll", good, user);
    expect(answer.status, answer.body).toBe("200");
    const { serialHex } = parseCertificate(derOf(await certificateIn(answer)));
    expect(approved.certificate_id).toContain(serialHex);
    const refused = await curl("slow/simpleenroll", bad, user);
    expect(refused.status).toBe("403");
    expect(refused.body).toContain("not ours");
    expect((await shown("enrolment-requests", "list")).items).toEqual([]);
    expect((await shown("enrolment-requests", "list", "--decided", "true")).items).toHaveLength(2);
  });

  it("a change of one setting leaves the others; references go when it is said", async () => {
    const owner = await host.admin.ok("POST", "/owners", { kind: "team", name: "devices" });
    const create = [
      "enrolment-endpoints",
      "create",
      "--label",
      "many",
      "--auth",
      "secret,token",
      "--no-validate-names",
    ];
    const before = await shown(...create, "--owner-id", owner.id, "--server-keys");
    const update = ["enrolment-endpoints", "update", "many"];
    const { updated_at: _, ...after } = await shown(...update, "--approval", "manual");
    expect(after).toEqual({ ...after, ...before, approval: "manual", updated_at: undefined });
    expect((await host.admin.send("DELETE", `/owners/${owner.id}`)).status).toBe(409);
    const refused = await host.cli(...update, "--owner-id", owner.id, "--unset", "owner_id");
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("given and unset")]);
    expect(await shown(...update, "--unset", "owner_id")).toMatchObject({ owner_id: null, approval: "manual" });
    await host.admin.ok("DELETE", `/owners/${owner.id}`);
  });

  it("a deleted endpoint answers nobody, and its label is never given again", async () => {
    const credential = await shown("enrolment-credentials", "create", "--endpoint", "web");
    await trstctl("enrolment-endpoints", "delete", "web", "--yes");
    const request = await requestFor("late", "late.example.test");
    const answer = await curl("web/simpleenroll", request, `${credential.id}:${credential.secret}`);
    expect(answer.status).toBe("404");
    const again = await host.cli("enrolment-endpoints", "create", "--label", "web");
    expect(again.code).toBe(1);
    expect(again.stderr).toContain("never given again");
  });

  it("journal and log agree, and the log alone gives everything back", async () => {
    expect(await host.admin.ok("POST", "/audit/reconcile", {})).toMatchObject({ unjournalled: [], repaired: [] });
    expect(await host.admin.ok("GET", "/audit/state")).toMatchObject({ differing: [] });
  });
});
