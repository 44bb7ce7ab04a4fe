/** What every function has, whoever adds one. */
import type { Policy } from "./policy.ts";
import { rolesOf } from "./statements.ts";
import { at, type Found, resourcesOf, strings, type Templates, text, where } from "./templates.ts";

const functionsOf = (templates: Templates) => resourcesOf(templates, "AWS::Lambda::Function");

export const functionSettings: Policy = {
  name: "every function runs on arm64 and Node 24, is traced, has memory, timeout, a kept log under our key and a place for failures",
  check: (templates) => functionsOf(templates).flatMap((found) => problemsOf(found, templates)),
};

function problemsOf(found: Found, templates: Templates): string[] {
  const { properties, ref } = found;
  const log = resourcesOf(templates, "AWS::Logs::LogGroup").find(
    (group) => group.ref === at(properties["LoggingConfig"], "LogGroup"),
  );
  const asynchronous = resourcesOf(templates, "AWS::Lambda::EventInvokeConfig").some(
    (config) =>
      config.properties["FunctionName"] === ref &&
      at(config.properties["DestinationConfig"], "OnFailure", "Destination") !== undefined,
  );
  const held: readonly (readonly [boolean, string])[] = [
    [strings(properties["Architectures"]).join() === "arm64", "does not run on arm64"],
    [properties["Runtime"] === "nodejs24.x", "does not run on Node 24"],
    [at(properties["TracingConfig"], "Mode") === "Active", "is not traced"],
    [typeof properties["MemorySize"] === "number", "has no memory of its own"],
    [typeof properties["Timeout"] === "number", "has no timeout of its own"],
    [log !== undefined, "has no log group of ours"],
    [log === undefined || typeof log.properties["RetentionInDays"] === "number", "has a log that is kept for ever"],
    [log === undefined || log.properties["KmsKeyId"] !== undefined, "has a log that is not under our key"],
    [at(properties["DeadLetterConfig"], "TargetArn") !== undefined, "has no queue for events that failed"],
    [asynchronous, "has no destination for calls that failed"],
  ];
  return held.filter(([good]) => !good).map(([, problem]) => `${where(found)}: ${problem}`);
}

export const ownRoles: Policy = {
  name: "every function has a role of its own",
  check: (templates) => {
    const users = Map.groupBy(functionsOf(templates), ({ properties }) => text(properties["Role"]));
    return [...users].flatMap(([role, functions]) => {
      const known = rolesOf(templates).some(({ role: { arn } }) => arn === role);
      return [
        ...(functions.length === 1 ? [] : [`${functions.map(where).join(" and ")} share the role ${role}`]),
        ...(known ? [] : [`${functions.map(where).join()}: its role ${role} is none of ours`]),
      ];
    });
  },
};

/**
 * To the tenant's and the signer's buckets grant in their own policies, which a boundary would take away. What stands beside the
 * signer is in its stack, without one; CodeDeploy's role has AWS's own policy.
 */
const unbounded = /^[\w-]+-(tenant|signer|signer-check|signer-release)-<AWS::Region>$/;

export const boundaries: Policy = {
  name: "what a role may come to do is bounded",
  check: (templates) =>
    rolesOf(templates)
      .filter(({ role, statements }) => {
        // Roles of AWS's own services have AWS's own policies, and nobody can assume them but the service.
        return statements.length > 0 && !unbounded.test(text(role.properties["RoleName"]));
      })
      .filter(({ role }) => role.properties["PermissionsBoundary"] === undefined)
      .map(({ role }) => `${where(role)}: has no permissions boundary`),
};
