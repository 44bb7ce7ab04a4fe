/** Limits of CloudFormation, IAM and the account, and the bulkheads (I8). */
import type { Policy } from "./policy.ts";
import { at, type Found, resourcesOf, type Templates, text, where } from "./templates.ts";

/** CloudFormation's own are 500 resources and 1 MB. */
const most = { resources: 450, bytes: 900_000, managedPolicy: 6_144, inlinePolicies: 10_240 } as const;

/** What a reference becomes when deployed, at its longest. */
const written = (value: unknown) =>
  JSON.stringify(value)
    .replaceAll("<AWS::Partition>", "aws-us-gov")
    .replaceAll("<AWS::Region>", "ap-southeast-2")
    .replaceAll("<AWS::AccountId>", "0".repeat(12))
    .replaceAll(/<[^<>]+>/g, "x".repeat(110)).length;

export const sizes: Policy = {
  name: "no stack and no policy comes near the limits",
  check: (templates) => [
    ...[...templates].flatMap(([stack, template]) => {
      const resources = Object.keys(template.Resources).length;
      const bytes = JSON.stringify(template).length;
      return [
        ...(resources < most.resources ? [] : [`${stack}: ${resources} resources`]),
        ...(bytes < most.bytes ? [] : [`${stack}: ${bytes} bytes`]),
      ];
    }),
    ...resourcesOf(templates, "AWS::IAM::ManagedPolicy")
      .map((found) => [found, written(found.properties["PolicyDocument"])] as const)
      .filter(([, size]) => size > most.managedPolicy)
      .map(([found, size]) => `${where(found)}: about ${size} characters`),
    ...resourcesOf(templates, "AWS::IAM::Role")
      .map((found) => [found, written(found.properties["Policies"] ?? [])] as const)
      .filter(([, size]) => size > most.inlinePolicies)
      .map(([found, size]) => `${where(found)}: about ${size} characters`),
  ],
};

const reservedOf = ({ properties }: Found): number | undefined =>
  properties["ReservedConcurrentExecutions"] as number | undefined;

/** The one function whose alias an API calls. */
function behind(templates: Templates, api: Found): Found | undefined {
  const uris = [
    ...resourcesOf(templates, "AWS::ApiGateway::Method")
      .filter(({ properties }) => properties["RestApiId"] === api.ref)
      .map(({ properties }) => text(at(properties["Integration"], "Uri"))),
    ...resourcesOf(templates, "AWS::ApiGatewayV2::Integration")
      .filter(({ properties }) => properties["ApiId"] === api.ref)
      .map(({ properties }) => text(properties["IntegrationUri"])),
  ];
  const alias = resourcesOf(templates, "AWS::Lambda::Alias").find(({ ref }) => uris.some((uri) => uri.includes(ref)));
  return resourcesOf(templates, "AWS::Lambda::Function").find(({ ref }) => ref === alias?.properties["FunctionName"]);
}

export const throttles: Policy = {
  name: "every API has a throttle below what its function may run at once, and 100 of the account's 1,000 stay free",
  check(templates, { concurrency }) {
    const functions = resourcesOf(templates, "AWS::Lambda::Function");
    const total = functions.reduce((sum, found) => sum + (reservedOf(found) ?? 0), 0);
    const reserves = functions.filter((found) => (reservedOf(found) !== undefined) !== (concurrency !== "none"));
    const apis = resourcesOf(templates, "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api");
    return [
      ...(total <= 900 ? [] : [`${total} reserved in all`]),
      ...reserves.map((found) => `${where(found)}: reserves ${reservedOf(found)}, concurrency is ${concurrency}`),
      ...apis.flatMap((api) => {
        const burst = burstOf(templates, api);
        const target = behind(templates, api);
        if (burst === undefined) return [`${where(api)}: has no throttle`];
        if (target === undefined) return [`${where(api)}: calls no alias of a function`];
        const reserved = reservedOf(target);
        return reserved === undefined || burst < reserved
          ? []
          : [`${where(api)}: lets in ${burst} at once, its function runs ${reserved}`];
      }),
    ];
  },
};

function burstOf(templates: Templates, api: Found): number | undefined {
  const stage = resourcesOf(templates, "AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage").find(({ properties }) =>
    [properties["RestApiId"], properties["ApiId"]].includes(api.ref),
  );
  const burst =
    at(stage?.properties["DefaultRouteSettings"], "ThrottlingBurstLimit") ??
    at(stage?.properties["MethodSettings"], 0, "ThrottlingBurstLimit");
  return typeof burst === "number" ? burst : undefined;
}
