/** Lambda shell of the restore drill's check, for its state machine alone. The table that it is given is the copy. */
import { dynamoClient } from "#shared/adapters/aws/dynamodb";
import { systemClock } from "#shared/adapters/local/clock";
import { lambda, required } from "../lambda/shell.ts";
import { checkCopy, type DrillPage, type DrillPart } from "./app.ts";
import { openCopy } from "./open.ts";

/** A tenant that takes longer than what is left then is more than the drill can look at. */
const reserveMs = 450_000;

const say = (level: "info" | "error", tenant: string, message: string): void =>
  void process.stdout.write(`${JSON.stringify({ level, function: "restore-check", tenant, message })}\n`);

export const handler = lambda<DrillPage, DrillPart>("restore-check", async (shell) => {
  const copy = openCopy({
    client: dynamoClient(),
    tableName: required(shell, "TRSTCTL_CORE_TABLE"),
    lanes: shell.config.TRSTCTL_LANES,
    clock: systemClock,
  });
  return (page, { remainingMs }) => checkCopy(page, { ...copy, timeLeft: () => remainingMs() > reserveMs, say });
});
