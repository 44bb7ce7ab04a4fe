/** The copy that a restore drill makes is of all tenants: who makes it, and who reads it. */
import type { Policy } from "./policy.ts";
import { allows, rolesOf } from "./statements.ts";
import { at, resourcesOf, text, type Templates, where } from "./templates.ts";

export const restoreAction = "dynamodb:RestoreTableToPointInTime";
const reading = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"];

/** Boundaries give nothing: they name together what the stack's roles have one by one. */
const isBoundary = (id: string) => id.startsWith("Boundary");

export const copyOfAll: Policy = {
  name: "only the restore drill asks for a copy of the core table, only its check reads that copy, and reads only; the drill is logged, traced and in JSONPath",
  check(templates, { name }) {
    const drill = `${name}-restore-drill-<AWS::Region>`;
    const check = `${name}-restore-check-<AWS::Region>`;
    const copy = `:table/${name}-restore-drill`;
    const roles = rolesOf(templates).map(({ role, statements }) => ({
      role,
      own: text(role.properties["RoleName"]),
      statements: statements.filter(
        ({ effect, where: place }) => effect === "Allow" && !isBoundary(place.split("/")[1] ?? ""),
      ),
    }));
    const asking = roles.filter(
      ({ own, statements }) => own !== drill && statements.some((one) => allows(one, restoreAction)),
    );
    const reaching = roles.flatMap(({ role, own, statements }) =>
      statements
        .filter(({ resources }) => resources.some((to) => to.includes(copy)))
        .filter(
          ({ actions }) => own !== drill && (own !== check || actions.some((action) => !reading.includes(action))),
        )
        .map(({ actions }) => `${where(role)}: reaches the copy: ${actions.join(", ")}`),
    );
    const alive = roles
      .filter(({ own }) => own === check)
      .flatMap(({ role, statements }) =>
        statements
          .filter(
            ({ actions, resources }) =>
              actions.some((one) => one.startsWith("dynamodb:")) && resources.some((to) => !to.endsWith(copy)),
          )
          .map(() => `${where(role)}: reaches more than the copy`),
      );
    return [
      ...asking.map(({ role }) => `${where(role)}: may ask for a copy`),
      ...reaching,
      ...alive,
      ...machineProblems(templates),
    ];
  },
};

function machineProblems(templates: Templates): string[] {
  const machines = resourcesOf(templates, "AWS::StepFunctions::StateMachine");
  const held = machines.flatMap((found) => {
    const { properties } = found;
    const holds: readonly (readonly [boolean, string])[] = [
      [at(properties["TracingConfiguration"], "Enabled") === true, "is not traced"],
      [at(properties["LoggingConfiguration"], "Level") === "ALL", "does not log all"],
      [
        !text(properties["DefinitionString"]).includes("QueryLanguage"),
        "is not in JSONPath, and runs nowhere but at AWS",
      ],
    ];
    return holds.filter(([good]) => !good).map(([, problem]) => `${where(found)}: ${problem}`);
  });
  return machines.length === 0 ? ["there is no state machine"] : held;
}
