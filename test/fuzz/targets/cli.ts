/** What the CLI reads: settings, profile files, answers of a host that may be anybody. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectionFrom } from "#cli/connection";
import { failureOfAnswer, readObject, renderFailure } from "#cli/failures";
import { durationSeconds } from "#cli/duration";
import { cell, detail, json as shown, table, usualColumns } from "#cli/output";
import { readRoot } from "#cli/trust/root";
import { checkChain } from "#cli/verify-chain";
import { chainHash, linkHash } from "#events/log/chain";
import { auditOperations } from "#shared/contracts/api/audit";
import { hostConfig } from "#shared/contracts/config/host";
import { sha256Hex } from "#shared/crypto/hash";
import { loadConfig } from "#shared/kernel/config";
import { utf8 } from "#shared/kernel/bytes";
import { pemDecode, pemEncode } from "#shared/pki/pem";
import { localRoot, loopback } from "#test/trust/local-root";
import { signerConfig } from "#signer/config";
import { scratch } from "../scratch.ts";
import { holds, type Target } from "../target.ts";

const textOf = (input: Uint8Array): string => Buffer.from(input).toString("utf8");
const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value));

/** What a terminal would obey, but for line feeds and tabs. */
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

export const settings: Target = {
  run(input) {
    const lines = textOf(input).split("\n");
    const environment = Object.fromEntries(
      lines.map((line) => [line.split("=", 1)[0] ?? "", line.slice(line.indexOf("=") + 1)]),
    );
    const config = loadConfig(hostConfig, environment, Object.keys(signerConfig.shape));
    holds(config.TRSTCTL_HTTPS_PORT >= 0 && config.TRSTCTL_HTTPS_PORT <= 65_535, "port");
    if (environment["TRSTCTL_SIGNER_DIR"] !== undefined)
      loadConfig(signerConfig, environment, Object.keys(hostConfig.shape));
  },
  refusals: ["misconfigured"],
  seeds: () => [
    utf8("TRSTCTL_HTTPS_PORT=8443\nTRSTCTL_HOSTNAMES=a.test,b.test\nTRSTCTL_REVOCATION_BASE_URL=http://a.test/"),
    utf8("TRSTCTL_SIGNER_DIR=a\nTRSTCTL_SIGNER_SOCKET=b\nTRSTCTL_KEK_FILE=c\nTRSTCTL_RATE_BURST=7"),
  ],
  dictionary: [
    ...Object.keys(hostConfig.shape),
    ...Object.keys(signerConfig.shape),
    "=",
    "\n",
    "http://",
    "1e9",
    "0x10",
    "-1",
    "yes",
  ],
};

export const profileFile: Target = {
  async run(input) {
    const profile = join(scratch(), "profile.json");
    writeFileSync(profile, input, { mode: 0o600 });
    const { url, token } = await connectionFrom({ TRSTCTL_PROFILE: profile });
    holds(url.protocol === "https:" && /^[!-~]+$/.test(token), "a connection that is none");
  },
  refusals: ["misconfigured"],
  format: "json",
  seeds: () => [json({ url: "https://localhost:8443", ca: "-----BEGIN", token: "trst_a_b" })],
  dictionary: ["https://", "http://", "@", "?", "#", "url", "token", "ca"],
};

export const trustRoot: Target = {
  run(input) {
    const { names, fingerprint } = readRoot(pemEncode("CERTIFICATE", input));
    holds(names.length > 0 && names.every((name) => name !== "" && !name.endsWith("/0")), "a root for all names");
    holds(fingerprint === sha256Hex(input), "a fingerprint of something else");
  },
  refusals: ["malformed", "unprocessable"],
  format: "der",
  seeds: () =>
    [loopback, {}, { permittedDns: [""] }, { permittedDns: ["example.test"] }].flatMap((names) =>
      pemDecode(localRoot(names), "CERTIFICATE"),
    ),
};

export const answers: Target = {
  run(input) {
    const body = textOf(input);
    const failure = failureOfAnswer({
      status: 400 + (input.length % 200),
      headers: { "retry-after": body.slice(0, 12) },
      body,
    });
    holds(!obeyed.test(renderFailure(failure).message), "the terminal would obey this");
    const row = readObject(body);
    if (row === undefined) return;
    for (const text of [shown(row), cell(row), detail(row), table([row, row], usualColumns([row]))])
      holds(!obeyed.test(text), "the terminal would obey this");
    for (const value of Object.values(row)) durationSeconds(String(value));
  },
  refusals: [],
  format: "json",
  seeds: () => [
    json({
      type: "urn:trstctl:problem:invalid_field",
      title: "Bad Request",
      status: 400,
      detail: "x",
      code: "invalid_field",
      field: "spec.a",
      trace_id: "0",
    }),
    json({ id: "a", items: [{ a: 1, b: null }], text: "a\u001b[2Jb\u202ec" }),
  ],
  dictionary: ["code", "detail", "title", "field", "trace_id", "\u001b", "\u009b", "\u202e", "90d"],
};

/** A saved export from anywhere. What the schema lets through is judged, and a chain that was made up does not hold. */
export const auditExport: Target = {
  run(input) {
    let value: unknown;
    try {
      value = JSON.parse(textOf(input));
    } catch {
      return;
    }
    const page = auditOperations.export.response.safeParse(value);
    if (!page.success) return;
    const check = checkChain(linkHash, sha256Hex);
    check.page(page.data);
    check.page(page.data);
    const report = check.report();
    holds(report.holds === (report.faults.length === 0), "faults and verdict");
    holds(page.data.items.length === 0 || !report.holds, "the same page twice holds");
  },
  refusals: [],
  format: "json",
  seeds: () => {
    const event = '{"id":"a"}';
    const hash = chainHash({ tenant: "acme", lane: 0, seq: 1, prev: "", event });
    return [
      json({
        tenant: "acme",
        heads: [{ lane: 0, sequence: 1, hash }],
        items: [{ lane: 0, sequence: 1, hash, event }],
        next_cursor: null,
      }),
      json({ tenant: "acme", heads: [], items: [], next_cursor: null }),
    ];
  },
  dictionary: ["heads", "items", "lane", "sequence", "hash", "event", "tenant"],
};
