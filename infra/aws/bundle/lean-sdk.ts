/**
 * What a bundle leaves out of the AWS SDK, whose clients bring every exception of their service, every source of credentials
 * there is and the description of each of their operations: of the 860 KB that six clients come to, 330 are reached by us. Nothing of
 * the SDK is changed; what is left out is code that in a Lambda function of ours never runs. Each rule says when it would.
 */
import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/** Exceptions that we ask for by their class; any other one is the service's base exception with its name in `name`. */
export const keptExceptions: ReadonlySet<string> = new Set([
  "ConditionalCheckFailedException",
  "TransactionCanceledException",
]);

/** `registry.registerError(X$, X);` */
const registration = /^(\w+)\.registerError\((\w+)\$, \w+\);$/gm;
/** `[_key]: `, where `const _key = "…";` */
const computedKey = /\[(_\w+)\]: /g;

export const leanSdk: Plugin = {
  name: "lean AWS SDK",
  setup(build) {
    // In a function credentials come from the environment, where Lambda puts them anew before they end.
    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({ path: "credentials", namespace }));
    build.onLoad({ filter: /^credentials$/, namespace }, () => ({ contents: environmentCredentials, loader: "js" }));
    // Streams of events (Lambda's InvokeWithResponseStream, S3's SelectObjectContent): none of our operations has one.
    build.onResolve({ filter: /^@smithy\/core\/event-streams$/ }, () => ({ path: "event-streams", namespace }));
    build.onLoad({ filter: /^event-streams$/, namespace }, () => ({ contents: noEventStreams, loader: "js" }));
    // What a browser calls itself, and a DynamoDB endpoint asked for by DescribeEndpoints: neither is where we run.
    for (const [name, contents] of Object.entries(unreached)) {
      build.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: name, namespace }));
      build.onLoad({ filter: new RegExp(`^${name}$`), namespace }, () => ({ contents, loader: "js" }));
    }
    // Of a client's package.json only the version is read, for the User-Agent.
    build.onLoad({ filter: /@aws-sdk\/[a-z0-9-]+\/package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, "utf8")) as { readonly version: string };
      return { contents: JSON.stringify({ version }), loader: "json" };
    });
    build.onLoad({ filter: /@aws-sdk\/client-[a-z0-9-]+\/dist-es\/schemas\/schemas_0\.js$/ }, async ({ path }) => ({
      contents: prunedSchemas(await readFile(path, "utf8")),
      loader: "js",
    }));
  },
};

const namespace = "lean-sdk";

const environmentCredentials = `
export const defaultProvider = () => async () => ({
  accessKeyId: process.env.AWS_ACCESS_KEY_ID,
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
  sessionToken: process.env.AWS_SESSION_TOKEN,
});`;

const noEventStreams = `
const none = () => { throw new Error("this bundle has no event streams: see infra/aws/bundle/lean-sdk.ts"); };
export const eventStreamSerdeProvider = () => ({ serialize: none, deserialize: none });
export const resolveEventStreamSerdeConfig = (input) => Object.assign(input, { eventStreamMarshaller: { serialize: none, deserialize: none } });
export class EventStreamSerde { constructor() { none(); } }
export class EventStreamMarshaller { constructor() { none(); } }
`;

const unreached: Readonly<Record<string, string>> = {
  bowser: "export default {};",
  "@aws-sdk/middleware-endpoint-discovery": `
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = { environmentVariableSelector: () => undefined, configFileSelector: () => undefined, default: undefined };
export const resolveEndpointDiscoveryConfig = (input) => Object.assign(input, { endpointDiscoveryEnabled: () => Promise.resolve(false), isClientEndpointDiscoveryEnabled: false });
export const getEndpointDiscoveryPlugin = () => ({ applyToStack() {} });
export const getEndpointDiscoveryOptionalPlugin = () => ({ applyToStack() {} });
export const getEndpointDiscoveryRequiredPlugin = () => ({ applyToStack() {} });
`,
};

/**
 * A schema that nothing reaches is dropped by the bundler only where its keys are no expressions, and no registry holds it.
 * @param source of `schemas_0.js`
 */
export function prunedSchemas(source: string): string {
  const keys = new Map([...source.matchAll(/^const (_\w+) = ("[^"]*");$/gm)].map(([, name, value]) => [name, value]));
  return source
    .replace(registration, (line, registry: string, exception: string) =>
      registry.startsWith("_s_") || keptExceptions.has(exception) ? line : "",
    )
    .replace(computedKey, (text, name: string) => (keys.has(name) ? `${keys.get(name)}: ` : text));
}
