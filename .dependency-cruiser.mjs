/**
 * Who may import whom (docs: README, "Layout"). One row per folder; everything of ours that a row does not name is
 * refused. Each rule's comment says what to do instead, and test/architecture/import-rules.test.ts plants a violation of
 * each.
 */
import { builtinModules } from "node:module";
import { entryPoints } from "./toolchain/entry-points.mjs";

const noTest = "[.]test[.]ts$|^test/";
const ours = "^(shared|events|signer|functions|infra|bridge|agent|cli|web|test|toolchain)/";

/** The guards that entry points begin with; "only entry points import toolchain" says who. */
const runtimeGuard = "^toolchain/(runtime|no-inspector)[.]";
const bin = "^cli/trstctl[.]mjs$";
const exactly = (path) => `^${path.replaceAll(".", "[.]")}$`;

/** @type {ReadonlyArray<{from: string, may: string[], types?: string[], except?: string, instead: string}>} */
const layers = [
  {
    from: "shared/kernel",
    may: [],
    instead: "The kernel is the ground: move what needs more than itself up into the folder that needs it.",
  },
  {
    from: "shared/crypto",
    may: ["shared/kernel"],
    instead: "Crypto knows bytes only: pass in what it needs as an argument.",
  },
  {
    from: "shared/contracts",
    may: ["shared/kernel"],
    instead: "Contracts run in a browser and describe the wire: convert domain objects in the function or usecase.",
  },
  {
    from: "shared/pki",
    may: ["shared/kernel", "shared/crypto"],
    instead: "PKI turns bytes into objects and back: pass keys, clocks and I/O results in as arguments.",
  },
  {
    from: "shared/tlog",
    may: ["shared/kernel", "shared/crypto"],
    instead: "A tree, a tile and a note are bytes: pass keys and what is stored in as arguments.",
  },
  {
    from: "shared/domain",
    may: ["shared/kernel", "shared/contracts"],
    instead: "The domain decides from its arguments: let the usecase fetch or compute it and put it in the command.",
  },
  {
    from: "shared/ports",
    may: ["shared/kernel", "shared/domain"],
    types: ["shared/pki"],
    instead: "A port is a type: declare what it needs there; of pki it may import types only.",
  },
  {
    from: "shared/policy",
    may: ["shared/kernel", "shared/crypto", "shared/contracts", "shared/domain", "shared/ports"],
    instead: "Policy judges what the usecase hands it: pass parsed facts in.",
  },
  {
    from: "shared/usecases",
    may: [
      "shared/kernel",
      "shared/crypto",
      "shared/contracts",
      "shared/domain",
      "shared/pki",
      "shared/policy",
      "shared/ports",
    ],
    instead: "A usecase reaches the log, the signer and the outside through a port in its deps.",
  },
  {
    from: "shared/http",
    may: ["shared/kernel", "shared/crypto", "shared/contracts", "shared/ports"],
    instead: "Middleware takes what it calls (such as `authenticate`) as an argument from the composition root.",
  },
  {
    from: "shared/integrations",
    may: ["shared/kernel", "shared/crypto", "shared/contracts", "shared/pki", "shared/ports"],
    instead: "An integration gets an outbox message and ports, and returns a result: the usecase acts on it.",
  },
  {
    from: "shared/adapters",
    may: ["shared/kernel", "shared/crypto", "shared/contracts", "shared/pki", "shared/ports"],
    instead: "An adapter implements a port: put the decision into the usecase that calls the port.",
  },
  {
    from: "events",
    may: ["shared/kernel", "shared/crypto", "shared/contracts", "shared/domain", "shared/ports", "shared/tlog"],
    types: ["shared/pki"],
    except: "^events/outbox/",
    instead: "Events remember: results come back through an injected `onResult`, never by calling a usecase.",
  },
  {
    from: "events/outbox",
    may: [
      "events",
      "shared/kernel",
      "shared/crypto",
      "shared/contracts",
      "shared/domain",
      "shared/ports",
      "shared/integrations",
    ],
    types: ["shared/pki"],
    instead: "The outbox delivers through integrations and reports through an injected `onResult`.",
  },
  {
    from: "signer",
    may: ["shared/kernel", "shared/crypto", "shared/pki", "shared/ports", "shared/tlog"],
    except: "^signer/client/",
    instead: "The signer stands alone: give it what it needs in the request or its own journal.",
  },
  {
    from: "signer/client",
    may: ["shared/kernel", "shared/ports"],
    instead: "The client frames requests only: what both sides share goes into the port Signer.",
  },
];

const folder = (path) => `^${path}(/|[.]ts$)`;
const list = (paths) => (paths.length === 0 ? "nothing of ours" : paths.join(", "));

const layerRules = layers.flatMap(({ from, may, types = [], except = [], instead }) => {
  const source = { path: folder(from), pathNot: [noTest].concat(except) };
  const own = [from, ...may, ...types].map(folder);
  return [
    {
      name: `${from} imports only ${list([...may, ...types.map((path) => `types of ${path}`)])}`,
      comment: instead,
      severity: "error",
      from: source,
      to: { path: ours, pathNot: [...own, runtimeGuard] },
    },
    ...types.map((path) => ({
      name: `${from} imports only types of ${path}`,
      comment: instead,
      severity: "error",
      from: source,
      to: { path: folder(path), dependencyTypesNot: ["type-only"] },
    })),
  ];
});

/** No functions, but what all of them are made of: their type, and the shell that makes each one a Lambda. */
const functionParts = "^functions/(function[.]ts$|lambda/)";
const edges = "^(functions/[^/]+|bridge|agent|cli)/";

const rules = [
  ...layerRules,
  {
    name: "shared holds only the folders of the layout",
    comment:
      "Give the file a home in one of the folders of shared/, or add the folder to the layout with its own row here.",
    from: { path: "^shared/", pathNot: [noTest, ...layers.map(({ from }) => folder(from))] },
    to: {},
  },
  {
    name: "functions, bridge, agent and cli import only shared, events and the signer's client",
    comment: "Move what two of them need into shared/usecases or shared/http. To start infra, spawn it.",
    from: { path: edges, pathNot: [noTest, bin, "^functions/signer/"] },
    to: {
      path: ours,
      pathNot: ["^shared/", "^events/", "^signer/client/", functionParts, edges, runtimeGuard],
    },
  },
  {
    name: "functions, bridge, agent and cli do not import each other",
    comment: "Move what two of them need into shared/usecases or shared/http.",
    from: { path: "^(functions/[^/]+|bridge|agent|cli)/", pathNot: noTest },
    to: { path: "^(functions|bridge|agent|cli)/", pathNot: ["^$1/", functionParts] },
  },
  {
    name: "functions/signer imports only shared, events and signer",
    comment: "It is the Lambda shell of the signer: nothing else belongs there.",
    from: { path: "^functions/signer/", pathNot: noTest },
    to: { path: ours, pathNot: ["^shared/", "^events/", "^signer/", "^functions/", runtimeGuard] },
  },
  {
    name: "web imports only shared/contracts",
    comment: "The console talks to the API through the generated client.",
    from: { path: "^web/", pathNot: noTest },
    to: { path: ours, pathNot: ["^web/", "^shared/contracts/"] },
  },
  {
    name: "nobody imports infra",
    comment: "Infra composes; take what you need as an argument, or start it as a process.",
    from: { pathNot: [noTest, "^infra/"] },
    to: { path: "^infra/" },
  },
  {
    name: "nobody imports a test",
    comment: "Move what is shared into the folder it belongs to, or into test/ when only tests need it.",
    from: {},
    to: { path: "[.]test[.]ts$" },
  },
  {
    name: "only tests import test",
    comment: "Product code does not know its tests.",
    from: { pathNot: noTest },
    to: { path: "^test/" },
  },
  {
    name: "only entry points import toolchain",
    comment: "The runtime guard is called once, where a process starts.",
    from: { pathNot: [noTest, "^toolchain/", "^[^/]+$", bin, ...entryPoints.map(exactly)] },
    to: { path: "^toolchain/" },
  },
  {
    name: "only shared/crypto, signer/keys and shared/adapters reach cryptography (I4)",
    comment: "Use the functions of shared/crypto; add one there when it is missing.",
    from: { path: ours, pathNot: [noTest, "^toolchain/", "^(shared/crypto|shared/adapters|signer/keys)/"] },
    to: {
      path: [
        "^(node:)?crypto$",
        "^(jose|oauth4webapi|@noble/|@aws-sdk/client-kms)",
        "(^|/)node_modules/(jose|oauth4webapi|@noble/[^/]+|@aws-sdk/client-kms)/",
      ],
    },
  },
  {
    name: "only shared/adapters reaches the network (I11)",
    comment: "Ask the port Egress or Resolver. Listeners are infra's, the signer's socket is its client's.",
    from: { path: "^(shared|events|functions)/", pathNot: [noTest, "^shared/adapters/"] },
    to: { path: "^(node:)?(tls|http|https|http2|dns|dns/promises|dgram)$" },
  },
  {
    name: "no module of the network is imported at run time (I11)",
    comment: "The linter sees what is imported by name only: import it so, or ask the port Egress.",
    from: { path: ours, pathNot: [noTest, "^toolchain/", "^shared/adapters/"] },
    to: { dynamic: true, path: "^(node:)?(net|tls|http|https|http2|dns|dns/promises|dgram|undici)$" },
  },
  {
    name: "shared/contracts runs in a browser",
    comment: "Neither a contract nor what it imports may use a module of Node.",
    from: { path: "^shared/contracts/", pathNot: noTest },
    to: { reachable: true, path: `^(node:)?(${builtinModules.map((name) => name.replace(/^node:/, "")).join("|")})$` },
  },
  {
    name: "no cycles",
    comment: "Two modules that need each other are one, or need a third below them.",
    from: {},
    // A type import is gone at run time: domain folders may name each other's types.
    to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
  },
  {
    name: "every import resolves",
    comment: "Correct the path; imports inside the repository are `#shared/…` or relative.",
    from: {},
    // `aws-lambda` is types alone, of @types/aws-lambda: the package of that name is something else, and not installed.
    to: { couldNotResolve: true, pathNot: "^aws-lambda$" },
  },
  {
    name: "product code imports only packages of `dependencies`",
    comment: "Move the package from devDependencies to dependencies and say why in docs/dependencies.md.",
    // What deploys is run from a clone, where both are.
    from: { path: ours, pathNot: [noTest, "^toolchain/", "^infra/aws/", "^web/vite[.]config[.]ts$"] },
    to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown", "npm-bundled"], dependencyTypesNot: ["type-only"] },
  },
];

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: rules.map((rule) => ({ severity: "error", ...rule })),
  options: {
    // TypeScript 7 has no API that dependency-cruiser could use; without another parser it silently sees no module.
    parser: "swc",
    tsPreCompilationDeps: false,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "[.]d[.]m?ts$|^web/dist/" },
    enhancedResolveOptions: {
      conditionNames: ["import", "node", "default"],
      exportsFields: ["exports"],
      extensions: [".ts", ".tsx", ".mts", ".mjs", ".js", ".json"],
    },
  },
};
