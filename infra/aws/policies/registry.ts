/** The registry is the single list: what stands there runs, is called as it says, and nothing else runs. */
import { type LambdaFunction, lambdaFunctions } from "#functions/registry";
import type { Deployment } from "../context.ts";
import type { Policy } from "./policy.ts";
import { at, type Found, type Json, list, resourcesOf, type Templates, text, where } from "./templates.ts";

export const registered: Policy = {
  name: "every entry of the registry has its function and what calls it, and there are no others",
  check(templates, deployment) {
    const functions = new Map(
      resourcesOf(templates, "AWS::Lambda::Function").map((found) => [text(found.properties["FunctionName"]), found]),
    );
    const expected = new Set(lambdaFunctions.map(({ name }) => `${deployment.name}-${name}`));
    const own = [...functions].filter(([, { stack }]) => /-(core|keys|workflows)$/.test(stack));
    return [
      ...own.filter(([name]) => !expected.has(name)).map(([name]) => `${name}: is in no line of the registry`),
      ...lambdaFunctions.flatMap((entry) => {
        const found = functions.get(`${deployment.name}-${entry.name}`);
        return found === undefined
          ? [`${entry.name}: has no function`]
          : [...settingProblems(entry, found), ...triggerProblems(entry, found, templates, deployment)];
      }),
    ];
  },
};

function settingProblems({ memoryMb, timeoutSeconds, name }: LambdaFunction, { properties }: Found): string[] {
  return properties["MemorySize"] === memoryMb && properties["Timeout"] === timeoutSeconds
    ? []
    : [`${name}: has not the memory and timeout of its entry`];
}

/** What calls a function by its alias, or by itself. */
const targetsOf = (templates: Templates, { ref, arn }: Found): ReadonlySet<string> =>
  new Set([
    arn,
    ref,
    ...resourcesOf(templates, "AWS::Lambda::Alias")
      .filter(({ properties }) => properties["FunctionName"] === ref)
      .flatMap((alias) => [alias.ref, alias.arn]),
  ]);

function triggerProblems(entry: LambdaFunction, found: Found, templates: Templates, deployment: Deployment): string[] {
  const targets = targetsOf(templates, found);
  const ownName = text(found.properties["FunctionName"]);
  const names = (value: Json | undefined) =>
    text(value) === ownName ||
    text(value).split(":").includes(ownName) ||
    [...targets].some((target) => text(value).includes(target));
  const permitted = resourcesOf(templates, "AWS::Lambda::Permission").filter(({ properties }) =>
    names(properties["FunctionName"]),
  );
  const mapped = resourcesOf(templates, "AWS::Lambda::EventSourceMapping").filter(({ properties }) =>
    names(properties["FunctionName"]),
  );
  const say = (good: boolean, problem: string) => (good ? [] : [`${entry.name}: ${problem}`]);
  switch (entry.trigger.kind) {
    case "rest-api":
      return [
        ...say(
          resourcesOf(templates, "AWS::ApiGateway::Method").filter(({ properties }) =>
            names(at(properties["Integration"], "Uri")),
          ).length === 2,
          "its REST API does not call it for all paths",
        ),
        ...say(permitted.length > 0, "API Gateway may not invoke it"),
      ];
    case "http-api": {
      const integrations = resourcesOf(templates, "AWS::ApiGatewayV2::Integration").filter(({ properties }) =>
        names(properties["IntegrationUri"]),
      );
      const routed = resourcesOf(templates, "AWS::ApiGatewayV2::Route").filter(({ properties }) =>
        integrations.some(({ ref }) => text(properties["Target"]).includes(ref)),
      );
      return [
        ...say(routed.length === 1, "no route of an HTTP API leads to it"),
        ...say(permitted.length > 0, "API Gateway may not invoke it"),
      ];
    }
    case "queue":
      return say(
        mapped.some(
          ({ properties }) =>
            properties["BatchSize"] === (entry.trigger.kind === "queue" ? entry.trigger.batchSize : 0) &&
            resourcesOf(templates, "AWS::SQS::Queue").some(
              (queue) =>
                queue.arn === properties["EventSourceArn"] &&
                queue.properties["QueueName"] === `${deployment.name}-${entry.name}`,
            ),
        ),
        "its queue does not call it",
      );
    case "stream":
      return say(
        mapped.some(
          ({ properties }) =>
            /-data\/CoreTable\w+\.StreamArn>$/.test(text(properties["EventSourceArn"])) &&
            list(at(properties["FilterCriteria"], "Filters")).length ===
              (entry.trigger.kind === "stream" ? entry.trigger.filters.length : -1),
        ),
        "the core table's stream does not call it",
      );
    case "schedule":
      return say(
        resourcesOf(templates, "AWS::Scheduler::Schedule").some(({ properties }) =>
          names(at(properties["Target"], "Arn")),
        ),
        "no schedule calls it",
      );
    case "invoke":
      return [
        ...mapped.map((one) => `${entry.name}: ${where(one)} calls it`),
        // Another account's signer is invoked by whom that account's own policies say.
        ...permitted
          .filter(({ properties }) => !(entry.name === "signer" && properties["Principal"] === deployment.account))
          .map((one) => `${entry.name}: ${where(one)} lets others invoke it`),
      ];
  }
}
