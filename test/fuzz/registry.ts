/** Every parser of bytes from outside: one row each. test/architecture/fuzz-targets.test.ts asks for what is missing. */
import type { Target, TargetEntry } from "./target.ts";

const x509 = async () => import("./targets/x509.ts");
const names = async () => import("./targets/names.ts");
const cmp = async () => import("./targets/cmp.ts");
const store = async () => import("./targets/store.ts");
const wire = async () => import("./targets/wire.ts");
const signer = async () => import("./targets/signer.ts");
const archive = async () => import("./targets/archive.ts");
const acme = async () => import("./targets/acme.ts");
const cli = async () => import("./targets/cli.ts");

const scep = async () => import("./targets/scep.ts");

const pki = (...files: readonly string[]): string[] => files.map((file) => `shared/pki/${file}.ts`);
const http = (...files: readonly string[]): string[] => files.map((file) => `shared/http/${file}.ts`);

const cmpFile = (file: string): string => `cmp/${file}`;

const der = pki("der/reader", "der/primitive", "der/values", "der/text", "der/time", "der/fields");
const nameFiles = pki("name", "general-name", "identifier", "ip");
const certificateFiles = pki("certificate", "extension-values", "key", "serial", "signature-algorithm");
const cmsFiles = pki("cms/content-info", "cms/algorithms", "cms/identifier");
const ocspFiles = pki("ocsp-cert-id", "ocsp-request", "ocsp-values");
const guardFiles = [
  "certificate",
  "crl",
  "ocsp",
  "guard",
  "names",
  "extension-list",
  "decision",
  "delegates",
  "ra",
  "learn",
].map((file) => `signer/guard/${file}.ts`);

const row = (
  name: string,
  covers: readonly string[],
  parsers: readonly string[],
  load: () => Promise<Target>,
): TargetEntry => ({ name, covers, parsers, load });

export const targets: readonly TargetEntry[] = [
  row(
    "der",
    [...der, ...pki("der/writer", "der/write-time")],
    [
      "readDer",
      "readOid",
      "readMagnitude",
      "readInteger",
      "readSmallInteger",
      "readEnumerated",
      "readBoolean",
      "readBitString",
      "readNamedBits",
      "readOctetString",
      "readNull",
      "readTime",
      "readUtcTime",
      "readGeneralizedTime",
      "readText",
    ],
    async () => (await import("./targets/der.ts")).der,
  ),
  row("csr", [...pki("csr"), ...nameFiles, ...certificateFiles], ["parseCsr"], async () => (await x509()).csr),
  row(
    "possession",
    ["shared/usecases/certificate-request.ts", "shared/crypto/signature.ts", ...pki("csr")],
    ["readCertificateRequest"],
    async () => (await x509()).possession,
  ),
  row(
    "certificate",
    [...certificateFiles, ...nameFiles],
    ["parseCertificate", "parseExtensions", "parseGeneralNames"],
    async () => (await x509()).certificate,
  ),
  row("tbs-certificate", certificateFiles, ["parseTbsCertificate"], async () => (await x509()).tbsCertificate),
  row(
    "crl",
    pki("crl-values", "extension-values", "serial", "reason"),
    ["parseCertificateList", "parseTbsCertList", "readSerial"],
    async () => (await x509()).certificateList,
  ),
  row(
    "ocsp-request",
    ocspFiles,
    ["parseOcspRequest", "parseCertId", "parseNonce"],
    async () => (await x509()).ocspRequest,
  ),
  row(
    "ocsp-stored-question",
    pki("stored-status"),
    ["parseStoredQuestion"],
    async () => (await import("./targets/edge.ts")).storedQuestion,
  ),
  row("ocsp-response", ocspFiles, ["parseOcspResponse"], async () => (await x509()).ocspResponse),
  row("ocsp-data", ocspFiles, ["parseTbsResponseData"], async () => (await x509()).ocspData),
  row(
    "scep-attributes",
    pki("scep/cert-rep-attributes", "cms/attributes"),
    ["parseCertRepAttributes"],
    async () => (await import("./targets/ra.ts")).scepAttributes,
  ),
  row(
    "cmp-protected-response",
    pki("cmp/protected-response"),
    ["parseProtectedResponse"],
    async () => (await import("./targets/ra.ts")).cmpProtectedResponse,
  ),
  row("name", pki("name"), ["parseName"], async () => (await names()).name),
  row("spki", pki("key"), ["parseSpki", "describeSpki", "keyIdentifier"], async () => (await names()).spki),
  row(
    "signer-certificate",
    pki("cms/signer-certificate"),
    ["readSignerCertificate"],
    async () => (await scep()).signerCertificate,
  ),
  row(
    "signed-data",
    [...cmsFiles, ...pki("cms/signed-data", "cms/attributes", "cms/verify-signer")],
    ["parseSignedData", "readContentInfo", "readAlgorithm", "readDigestAlgorithm", "readAttributes", "readIdentifier"],
    async () => (await scep()).signedData,
  ),
  row(
    "enveloped-data",
    [...cmsFiles, ...pki("cms/enveloped-data")],
    ["parseEnvelopedData", "readCipher"],
    async () => (await scep()).envelopedData,
  ),
  row(
    "scep-message",
    pki("scep/pki-message", "cms/signed-data", "cms/signer-certificate"),
    ["parsePkiMessage"],
    async () => (await scep()).message,
  ),
  row(
    "scep-message-data",
    pki("scep/message-data", "cms/identifier", "name"),
    ["parseIssuerAndSubject", "parseIssuerAndSerial", "readIssuerAndSerial"],
    async () => (await scep()).messageData,
  ),
  row(
    "general-name",
    pki("general-name", "identifier", "ip"),
    ["parseGeneralName", "parseConstraint"],
    async () => (await names()).generalName,
  ),
  row("identifier", pki("identifier", "ip"), ["ipBytes", "cidrBytes"], async () => (await names()).identifier),
  row(
    "caa-property",
    ["shared/usecases/validation/caa-property.ts"],
    ["parseIssueValue"],
    async () => (await import("./targets/validation.ts")).issueValue,
  ),
  row("pem", pki("pem"), ["decodeCsrText", "pemDecode"], async () => (await names()).pem),
  row(
    "signature-algorithm",
    pki("signature-algorithm"),
    ["parseSignatureAlgorithm", "parseSignatureAlgorithmName", "parseRequestSignatureAlgorithm"],
    async () => (await names()).signatureAlgorithm,
  ),
  row(
    "cmp-message",
    pki(
      ...["message", "header", "info-type", "free-text", "status", "mac-algorithm", "cert-request"].map(cmpFile),
      ...["cert-req-id", "cert-template", "cert-response", "revocation", "confirmation", "polling"].map(cmpFile),
    ),
    [
      "parseMessage",
      "parseMessageNode",
      "parseHeader",
      "parseInfoTypes",
      "parseFreeText",
      "parseStatusInfo",
      "parseErrorContent",
      "parseMacAlgorithm",
      "parseCertReqMessages",
      "readCertReqId",
      "parseCertTemplate",
      "parseCertRep",
      "parseRevReq",
      "parseCertConfirm",
      "parsePollReq",
    ],
    async () => (await cmp()).message,
  ),
  row(
    "cmp-handlers",
    [
      ...["certificate-request", "modifications", "refusal", "transaction"].map((file) => `functions/cmp/${file}.ts`),
      ...[
        "certification",
        "pkcs10",
        "enrolment",
        "polling",
        "confirmation",
        "revocation",
        "general",
        "certificate-lists",
      ].map((file) => `functions/cmp/bodies/${file}.ts`),
    ],
    ["readRequest"],
    async () => (await cmp()).handlers,
  ),
  row("cmp-path", ["functions/cmp/path.ts"], ["readPath"], async () => (await cmp()).path),
  row("cmp-cert-id", pki("cmp/cert-id"), ["parseCrmfCertId"], async () => (await cmp()).certId),
  row(
    "event-record",
    ["events/log/record.ts", "events/catalogue/catalogue.ts"],
    ["readEvent", "upcast"],
    async () => (await store()).eventRecord,
  ),
  row("state-row", ["events/log/state-row.ts"], ["readState"], async () => (await store()).stateRow),
  row(
    "rows",
    [
      "events/stored.ts",
      "events/checkpoints/cut.ts",
      "events/log/head.ts",
      "events/outbox/attempt.ts",
      "events/outbox/circuit.ts",
      "events/projections/runner.ts",
      "events/retention/snapshot.ts",
    ],
    [
      "readStored",
      "readHead",
      "readLanes",
      "readAttempt",
      "readCircuit",
      "readProjection",
      "readCut",
      "readAggregate",
      "readDone",
    ],
    async () => (await store()).rows,
  ),
  row("data-marker", ["infra/local/data-marker.ts"], ["readMarker"], async () => (await store()).dataMarker),
  row("sealed", ["shared/crypto/seal.ts"], ["open"], async () => (await store()).sealed),
  row("wakes", ["shared/adapters/aws/wakes.ts"], ["wakesOf"], async () => (await store()).wakes),
  row("json-body", http("body"), ["readJson", "readBody"], async () => (await wire()).jsonBody),
  row("api-bodies", http("validate"), ["validate"], async () => (await wire()).apiBodies),
  row(
    "headers",
    http("bearer", "host-guard", "idempotency", "session-cookie", "transaction-cookie", "trace"),
    [
      "bearerAuthentication",
      "assertHost",
      "idempotencyKeyOf",
      "readCookie",
      "readSessionCookie",
      "readTransactionCookie",
      "traceOf",
    ],
    async () => (await wire()).headers,
  ),
  row("cursor", http("cursor"), ["decodeCursor"], async () => (await wire()).cursor),
  row("token", ["shared/usecases/tokens.ts"], ["authenticateToken"], async () => (await wire()).token),
  row(
    "profile-rules",
    ["shared/domain/profile/evaluate.ts"],
    ["evaluateProfile", "assertProfileSpec"],
    async () => (await wire()).profileRules,
  ),
  row(
    "api",
    [
      "functions/api/app.ts",
      "functions/api/serve-operation.ts",
      ...http("body", "validate", "problem", "idempotency", "once"),
    ],
    ["createApi"],
    async () => (await wire()).api,
  ),
  row(
    "est",
    ["app", "client", "distribute", "enroll", "exchange", "server-keygen"].map((file) => `functions/est/${file}.ts`),
    ["createEst", "readRequestBody"],
    async () => (await import("./targets/est.ts")).est,
  ),
  row("revocation", ["functions/revocation/app.ts"], ["createRevocationApp"], async () => (await wire()).revocation),
  row("admin", ["functions/admin/app.ts"], ["createAdminApp"], async () => (await wire()).admin),
  row("frames", ["signer/client/frames.ts"], ["readFrames"], async () => (await signer()).frames),
  row(
    "signer-messages",
    ["signer/server.ts", "signer/methods.ts", "signer/service.ts", "signer/key-registry.ts"],
    ["serveSigner", "createSignerService"],
    async () => (await signer()).messages,
  ),
  row(
    "signer-call",
    ["shared/adapters/aws/signer-wire.ts"],
    ["readSignerMessage"],
    async () => (await import("./targets/signer-table.ts")).lambdaCall,
  ),
  row(
    "signer-record",
    ["signer/table/record-item.ts"],
    ["recordOf"],
    async () => (await import("./targets/signer-table.ts")).tableRecord,
  ),
  row("guard", guardFiles, ["guard"], async () => (await signer()).guardTarget),
  row(
    "journal",
    ["signer/journal.ts", "signer/journal-entry.ts"],
    ["openJournal", "readLine"],
    async () => (await signer()).journal,
  ),
  row(
    "key-file",
    ["signer/keys/key-files.ts", "signer/keys/sealed-key.ts"],
    ["openKeyStore", "readSealedKey"],
    async () => (await signer()).keyFile,
  ),
  row(
    "note",
    ["shared/tlog/signed-note.ts", "shared/tlog/checkpoint.ts"],
    ["parseNote", "parseCheckpoint", "parseVerifierKey"],
    async () => (await archive()).note,
  ),
  row(
    "tile",
    ["shared/tlog/tile.ts", "shared/tlog/entry.ts"],
    ["parseTilePath", "decodeEntries", "decodeTreeEntry"],
    async () => (await archive()).tile,
  ),
  row(
    "audit-archive",
    ["events/checkpoints/archive.ts"],
    ["parseManifest", "parseLine"],
    async () => (await archive()).auditArchive,
  ),
  row(
    "backup-records",
    ["infra/local/backup/records.ts"],
    ["decodeRecords"],
    async () => (await archive()).backupRecords,
  ),
  row(
    "backup-file",
    ["infra/local/backup/backup-file.ts", "shared/crypto/sealed-stream.ts"],
    ["readBackupFile", "openStream"],
    async () => (await archive()).backupFile,
  ),
  row("settings", ["shared/kernel/config.ts"], ["loadConfig"], async () => (await cli()).settings),
  row(
    "cli-profile",
    ["cli/connection.ts", "cli/profiles/profile-file.ts", "cli/profiles/profiles.ts"],
    ["connectionFrom", "parseUrl", "readProfile", "readChosen"],
    async () => (await cli()).profileFile,
  ),
  row(
    "oauth-form",
    ["functions/sign-in/oauth.ts"],
    ["readForm"],
    async () => (await import("./targets/oauth.ts")).form,
  ),
  row(
    "cli-answers",
    ["cli/failures.ts", "cli/output.ts"],
    ["readObject", "failureOfAnswer"],
    async () => (await cli()).answers,
  ),
  row("cli-trust-root", ["cli/trust/root.ts"], ["readRoot"], async () => (await cli()).trustRoot),
  row(
    "jose",
    ["jws", "jwk", "algorithms"].map((file) => `shared/crypto/jose/${file}.ts`),
    ["parseJws", "parseJwk", "importJwk", "parseJson"],
    async () => (await acme()).jose,
  ),
  row("ari-id", ["functions/acme/certificate-id.ts"], ["parseAriId"], async () => (await acme()).ariId),
  row(
    "acme",
    ["app", "signed-request", "identifiers", "contact", "validity", "payload", "external-account"].map(
      (file) => `functions/acme/${file}.ts`,
    ),
    ["createAcmeServer", "readSignedRequest", "readSignedBody"],
    async () => (await acme()).acme,
  ),
  row("audit-export", ["cli/verify-chain.ts"], ["checkChain"], async () => (await cli()).auditExport),
];
