/** I5: who reaches a private key in KMS, by identity policies, key policies, grants, replicas or a policy put in their place. */
import { caKeySpecs } from "../ca-key-algorithms.ts";
import type { Policy } from "./policy.ts";
import { allows, asked, identityStatements, names, rolesOf, type Statement, statementsIn } from "./statements.ts";
import { type Found, resourcesOf, type Templates, text, where } from "./templates.ts";

const pins = Object.values(caKeySpecs).map(({ keySpec, signingAlgorithm, messageTypes }) =>
  JSON.stringify([keySpec, signingAlgorithm, [...messageTypes]]),
);

/** Actions by which the right to sign could be taken or handed on. */
const waysToSign = ["kms:CreateGrant", "kms:PutKeyPolicy", "kms:ReplicateKey"];

/** What a key's own policy must deny whoever is allowed what elsewhere. */
const denials = (signer: string) =>
  [
    ["kms:Sign", "ArnNotEquals", "aws:PrincipalArn", signer],
    ["kms:Sign", "StringNotEquals", "kms:SigningAlgorithm", undefined],
    ["kms:Sign", "StringNotEquals", "kms:MessageType", undefined],
  ] as const;

export const oneSigner: Policy = {
  name: "exactly one role reaches kms:Sign",
  check(templates, { caKeys: made, importedCaKeys }) {
    const caKeys = [...made, ...importedCaKeys];
    const keys = resourcesOf(templates, "AWS::KMS::Key").filter(
      ({ properties }) => properties["KeyUsage"] === "SIGN_VERIFY",
    );
    const signers = rolesOf(templates).filter(({ statements }) => statements.some((one) => allows(one, "kms:Sign")));
    const expected = caKeys.length > 0 ? 1 : 0;
    const found = [
      ...(keys.length === caKeys.length ? [] : [`${keys.length} signing keys, asked for ${caKeys.length}`]),
      ...(signers.length === expected
        ? []
        : [
            `${signers.length} roles may kms:Sign, not ${expected}: ${signers.map(({ role }) => where(role)).join(", ")}`,
          ]),
      ...strayStatements(templates, signers[0]?.role),
    ];
    const signer = text(signers[0]?.role.properties["RoleName"]);
    return [...found, ...keys.flatMap((key) => keyProblems(key, signer))];
  },
};

/** Rights to sign that no role has yet, or not pinned to one key and algorithm. */
function strayStatements(templates: Templates, signer: Found | undefined): string[] {
  const statements = identityStatements(templates).filter((one) => allows(one, "kms:Sign"));
  return statements.flatMap((one) => [
    ...(signer !== undefined && one.where === where(signer) ? [] : [`${one.where}: allows kms:Sign`]),
    ...(one.actions.length === 1 && one.resources.length === 1 && pinned(one)
      ? []
      : [`${one.where}: kms:Sign is not pinned to one key, one algorithm and its message types`]),
  ]);
}

const pinned = (one: Statement) =>
  asked(one, "StringEquals", "kms:SigningAlgorithm").length === 1 &&
  asked(one, "StringEquals", "kms:MessageType").length > 0;

function keyProblems(key: Found, signerName: string): string[] {
  const statements = statementsIn(key.properties["KeyPolicy"], where(key));
  const found: string[] = [];
  const signing = statements.filter((one) => allows(one, "kms:Sign"));
  const arns = new Set(signing.flatMap((one) => asked(one, "ArnEquals", "aws:PrincipalArn")));
  const [signer = ""] = arns;
  if (signing.length !== 1 || arns.size !== 1 || !signer.endsWith(`:role/${signerName}`))
    found.push(`${where(key)}: its policy lets ${[...arns].join(", ") || "more than a role"} sign, not ${signerName}`);
  for (const one of signing) {
    const pin = JSON.stringify([
      text(key.properties["KeySpec"]),
      asked(one, "StringEquals", "kms:SigningAlgorithm").join(","),
      asked(one, "StringEquals", "kms:MessageType"),
    ]);
    if (!pins.includes(pin)) found.push(`${where(key)}: algorithm and message types are not pinned: ${pin}`);
  }
  for (const action of waysToSign) {
    const open = statements.filter(
      (one) =>
        allows(one, action) &&
        (action === "kms:CreateGrant" || asked(one, "ArnEquals", "aws:PrincipalArn").length === 0),
    );
    found.push(...open.map(() => `${where(key)}: ${action} is a way to sign and is not kept to named roles`));
  }
  const denied = statements.filter(({ effect, principals }) => effect === "Deny" && principals.includes("*"));
  for (const [action, operator, name, value] of denials(signer)) {
    const held = denied.some((one) => {
      const values = asked(one, operator, name);
      return names(one, action) && values.length > 0 && (value === undefined || values.join() === value);
    });
    if (!held) found.push(`${where(key)}: ${action} is not denied by ${name}`);
  }
  if (!denied.some((one) => names(one, "kms:CreateGrant") && Object.keys(one.conditions).length === 0))
    found.push(`${where(key)}: grants are not denied`);
  for (const action of ["kms:DisableKey", "kms:PutKeyPolicy", "kms:ReplicateKey", "kms:ScheduleKeyDeletion"]) {
    if (!denied.some((one) => names(one, action) && asked(one, "ArnNotEquals", "aws:PrincipalArn").length > 0))
      found.push(`${where(key)}: ${action} is not denied to all but the break-glass role`);
  }
  const imports = key.properties["Origin"] === "EXTERNAL";
  if (imports && !denied.some((one) => names(one, "kms:ImportKeyMaterial")))
    found.push(`${where(key)}: kms:ImportKeyMaterial is not denied to all but the break-glass role`);
  if (key.properties["MultiRegion"] !== true) found.push(`${where(key)}: cannot be had in another Region`);
  return found;
}
