/** How the answer of an operation is shown and saved: one row for each operation that is not a plain list or object. */
import * as z from "zod";
import { mintedToken } from "#shared/contracts/api/access";
import { certificateWithPem } from "#shared/contracts/api/certificates";
import { createdEnrolmentCredential } from "#shared/contracts/api/enrolment-credentials";
import { transitionResult } from "#shared/contracts/api/identities";
import { issuer, root } from "#shared/contracts/api/issuers";
import { Failure } from "#shared/kernel/failure";
import type { OutFiles, OutFlag } from "./out-files.ts";
import { detail, isRow, json, table, usualColumns, type Row } from "./output.ts";
import type { Terminal } from "./terminal.ts";
import type { View } from "./view.ts";

export interface Outcome {
  readonly operationId: string;
  readonly view: View;
  readonly files: OutFiles;
  readonly terminal: Terminal;
}

export interface Presenter {
  readonly outputs?: readonly OutFlag[];
  readonly present: (answer: unknown, outcome: Outcome) => Promise<void>;
}

const pemOut: OutFlag = {
  flag: "--out",
  attribute: "out",
  summary: "write the certificate (PEM), then its chain, to this file",
  example: "shop.pem",
};
const keyOut: OutFlag = {
  flag: "--key-out",
  attribute: "keyOut",
  summary: "write the private key (PKCS#8 PEM) to this new file, mode 0600",
  example: "shop.key",
  secret: true,
};

/** @throws Failure `malformed` when the host answered something else than the contract says */
function understood<T extends z.ZodType>(schema: T, answer: unknown): z.output<T> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new Failure(
    "malformed",
    `the host's answer is not what this CLI knows (${z.prettifyError(parsed.error).split("\n")[0] ?? ""}): use the CLI of the same version as the host. --output json shows the answer`,
  );
}

const bundle = (...pems: readonly string[]): string => pems.map((pem) => `${pem.trim()}\n`).join("");

/** To the file asked for; without one, and with a table asked for, the PEM is the result and the summary goes beside it. */
async function presentPem(
  pem: string,
  summary: Row,
  answer: unknown,
  { files, view, terminal }: Outcome,
): Promise<void> {
  await files.write(pemOut, pem);
  const path = files.path(pemOut);
  const text = view.text(answer);
  if (text !== undefined) terminal.out(text);
  else if (path === undefined) {
    terminal.out(pem);
    terminal.note(detail(summary));
  } else terminal.out(detail({ ...summary, written_to: path }));
}

type Certificate = z.output<typeof certificateWithPem>;

const certificateSummary = ({ id, serial, subject, sans, status, not_after, issuer_id }: Certificate): Row => ({
  id,
  serial,
  subject,
  names: sans,
  status,
  valid_until: not_after,
  issuer_id,
});
const certificateBundle = (certificate: Certificate): string => bundle(certificate.certificate, ...certificate.chain);

/** An object with PEM in it: all its members on the screen, the PEM in a file. */
const saved = <T extends z.ZodType>(schema: T, pemOf: (value: z.output<T>) => string): Presenter => ({
  outputs: [pemOut],
  present: async (answer, outcome) => {
    const path = outcome.files.path(pemOut);
    if (path !== undefined) await outcome.files.write(pemOut, pemOf(understood(schema, answer)));
    await plainly.present(answer, outcome);
    if (path !== undefined) outcome.terminal.note(`certificate and chain written to ${path}`);
  },
});

/** Columns of the lists where the usual ones do not tell enough. */
const listColumns: Readonly<Record<string, readonly string[]>> = {
  "owners.list": ["id", "kind", "name", "email"],
  "issuers.list": ["id", "role", "name", "status", "key_algorithm", "not_after"],
  "identities.list": ["id", "name", "status", "dns_names", "certificate_id"],
  "certificates.list": ["id", "kind", "status", "subject", "protocol", "not_after"],
  "profiles.list": ["name", "version", "active", "created_by", "created_at"],
  "enrolment-endpoints.list": ["label", "status", "protocols", "auth", "approval", "profile", "default"],
  "enrolment-credentials.list": ["id", "endpoint", "names", "uses", "max_uses", "expires_at", "revoked_at"],
  "enrolment-requests.list": ["id", "endpoint", "protocol", "status", "subject", "names", "expires_at"],
  "access.tokens": ["id", "subject", "scopes", "expires_at", "revoked_at"],
  "access.roles": ["name", "permissions"],
  "access.members": ["subject", "display_name", "roles", "status"],
  "audit.list": ["time", "type", "actor", "resource", "lane", "sequence"],
  "audit.export": ["lane", "sequence", "hash"],
  "circuits.list": ["destination", "state", "breaks", "failures", "pending", "dead", "last_error"],
  "projections.list": ["name", "events_behind", "quarantined", "retried_at", "retried_by"],
  "outbox.list": ["id", "destination", "status", "attempts", "next_attempt_at", "last_error"],
};

/** `actor` and `resource` by the words that name them. */
const short = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key,
      isRow(value) && typeof value["subject"] === "string"
        ? value["subject"]
        : isRow(value) && typeof value["kind"] === "string"
          ? `${value["kind"]} ${String(value["id"])}`
          : value,
    ]),
  );

/** Lists as a table, objects as lines, nothing as nothing. */
const plainly: Presenter = {
  present: async (answer, { view, operationId, terminal }) => {
    const items = isRow(answer) && Array.isArray(answer["items"]) ? answer["items"].filter(isRow) : undefined;
    const next = isRow(answer) ? answer["next_cursor"] : undefined;
    const text = answer === undefined ? undefined : view.text(answer);
    if (answer === undefined) terminal.note("done");
    else if (text !== undefined) terminal.out(text);
    else if (items === undefined) terminal.out(isRow(answer) ? detail(answer) : json(answer));
    else if (items.length === 0) terminal.note("none");
    else terminal.out(table(items.map(short), listColumns[operationId] ?? usualColumns(items)));
    if (typeof next === "string" && !view.whole)
      terminal.note(`there is more: --cursor ${next} shows the next page, --all everything`);
  },
};

/** A secret is shown once: a query that leaves it out must not lose it. */
function shownAnyway(what: string, secret: string, text: string, terminal: Terminal): void {
  if (!text.includes(secret)) terminal.note(`the ${what} is shown this once: ${secret}`);
}

const token: Presenter = {
  present: async (answer, { view, terminal }) => {
    const minted = understood(mintedToken, answer);
    const text = view.text(answer);
    if (text !== undefined) terminal.out(text);
    if (minted.token === null)
      throw new Failure(
        "conflict",
        `token ${minted.id} exists, but its text was shown with the first answer to this request and is not kept. Revoke it (trstctl access revoke-token ${minted.id}) and mint another`,
      );
    if (text !== undefined) return shownAnyway("token", minted.token, text, terminal);
    terminal.out(minted.token);
    terminal.note(
      detail({ id: minted.id, subject: minted.subject, scopes: minted.scopes, expires_at: minted.expires_at }),
    );
    terminal.note("the token is shown this once");
  },
};

const enrolmentSecret: Presenter = {
  present: async (answer, { view, terminal }) => {
    const { secret, secret_status: _, ...credential } = understood(createdEnrolmentCredential, answer);
    const text = view.text(answer);
    if (text !== undefined) terminal.out(text);
    if (secret === null)
      throw new Failure(
        "conflict",
        `credential ${credential.id} exists, but its secret was shown with the first answer to this request and is not kept. Delete it (trstctl enrolment-credentials delete ${credential.id}) and create another`,
      );
    if (text !== undefined) return shownAnyway("secret", secret, text, terminal);
    terminal.out(secret);
    terminal.note(detail(credential));
    terminal.note("the secret is shown this once");
  },
};

const transition: Presenter = {
  outputs: [pemOut, keyOut],
  present: async (answer, outcome) => {
    const { files, view, terminal } = outcome;
    const result = understood(transitionResult, answer);
    const { certificate, private_key: key } = result;
    const keyPath = files.path(keyOut);
    if (key !== null) await files.write(keyOut, bundle(key));
    if (certificate !== null) await files.write(pemOut, certificateBundle(certificate));
    const summary = {
      id: result.id,
      name: result.name,
      status: result.status,
      ...(result.failure === null ? {} : { failure: `${result.failure.code}: ${result.failure.detail}` }),
      ...(certificate === null
        ? {}
        : { certificate: certificate.id, serial: certificate.serial, valid_until: certificate.not_after }),
    };
    const keyShown = key !== null && keyPath === undefined;
    const text = view.text(isRow(answer) && key !== null && !keyShown ? { ...answer, private_key: null } : answer);
    if (text !== undefined) terminal.out(text);
    else (keyShown ? terminal.note : terminal.out)(detail(summary));
    if (keyShown && text === undefined) terminal.out(bundle(key));
    else if (keyShown && !view.whole) terminal.note(bundle(key));
    if (keyShown)
      terminal.note(
        "warning: the private key above is shown this once and kept nowhere; --key-out <file> writes it to a file of mode 0600 instead",
      );
    if (key !== null && keyPath !== undefined) terminal.note(`private key written to ${keyPath}`);
    if (certificate !== null && files.path(pemOut) !== undefined)
      terminal.note(`certificate and chain written to ${files.path(pemOut) ?? ""}`);
    else if (certificate !== null && text === undefined)
      terminal.note(`trstctl certificates get ${certificate.id} --out <file> writes the certificate`);
    if (result.private_key_status === "already_shown")
      throw new Failure(
        "conflict",
        "the private key was in the first answer to this request and is not kept: it is lost if that answer never came. Mint again with `--to renewing --generate-key`",
      );
  },
};

/** Where an operation is missing here, it is shown `plainly`. */
const presenters: Readonly<Record<string, Presenter>> = {
  "certificates.issue": {
    outputs: [pemOut],
    present: async (answer, outcome) => {
      const certificate = understood(certificateWithPem, answer);
      await presentPem(certificateBundle(certificate), certificateSummary(certificate), answer, outcome);
    },
  },
  "certificates.get": saved(certificateWithPem, certificateBundle),
  "issuers.get": saved(issuer, ({ certificate, chain }) => bundle(certificate, ...chain)),
  "issuers.root": {
    outputs: [pemOut],
    present: async (answer, outcome) => {
      const { certificate, ...summary } = understood(root, answer);
      await presentPem(bundle(certificate), summary, answer, outcome);
    },
  },
  "identities.transition": transition,
  "access.create-token": token,
  "enrolment-credentials.create": enrolmentSecret,
};

export const presenterOf = (operationId: string): Presenter => presenters[operationId] ?? plainly;

/** For the test that no row names an operation that does not exist. */
export const presentedIds: readonly string[] = [...Object.keys(presenters), ...Object.keys(listColumns)];
