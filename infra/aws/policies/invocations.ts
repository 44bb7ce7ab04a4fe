/** Who invokes the signer and the admin function: names in the registry, and the operator. */
import { lambdaFunctions } from "#functions/registry";
import type { Policy } from "./policy.ts";
import { allows, rolesOf } from "./statements.ts";
import { resourcesOf, type Templates, text, where } from "./templates.ts";

/** Of what may be invoked by a role: function names, deployed or by ARN. */
function invoked(templates: Templates) {
  const byArn = new Map(
    resourcesOf(templates, "AWS::Lambda::Function").map(({ arn, properties }) => [
      arn,
      text(properties["FunctionName"]),
    ]),
  );
  return rolesOf(templates).flatMap(({ role, statements }) =>
    statements
      .filter((one) => allows(one, "lambda:InvokeFunction"))
      .flatMap(({ resources }) => resources)
      .map((arn) => ({ role, target: byArn.get(arn) ?? /:function:([\w-]+)/.exec(arn)?.[1] ?? arn })),
  );
}

export const adminByOperators: Policy = {
  name: "no role of the deployment may invoke the admin function: it is the operators'",
  check: (templates, { name }) =>
    invoked(templates)
      .filter(({ target }) => target === `${name}-admin`)
      .map(({ role }) => `${where(role)}: may invoke the admin function`),
};

export const signerByFunctions: Policy = {
  name: "the signer is invoked by the functions whose entries say so",
  check(templates, { name }) {
    const expected = lambdaFunctions
      .filter(({ ports }) => ports.includes("signer"))
      .map((entry) => `${name}-${entry.name}-<AWS::Region>`);
    const found = invoked(templates)
      .filter(({ target }) => target === `${name}-signer`)
      .map(({ role }) => text(role.properties["RoleName"]));
    const strangers = found.filter((role) => !expected.includes(role));
    const missing = expected.filter((role) => !found.includes(role));
    return [
      ...strangers.map((role) => `${role}: may invoke the signer`),
      ...missing.map((role) => `${role}: may not invoke the signer, which its entry needs`),
    ];
  },
};
