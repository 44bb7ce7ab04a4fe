/** What the functions have written, for whoever has to find out why a step failed. */
import { ask } from "./service.ts";

interface Groups {
  readonly logGroups: readonly { readonly logGroupName: string }[];
}
interface Events {
  readonly events: readonly { readonly timestamp: number; readonly message: string }[];
}

/** @returns the last lines of each function that wrote any since then */
export async function functionLogs(endpoint: string, since: number, lines = 40): Promise<string> {
  const { logGroups } = await ask<Groups>(endpoint, "logs", "Logs_20140328.DescribeLogGroups", {});
  const told: string[] = [];
  for (const { logGroupName } of logGroups) {
    const { events } = await ask<Events>(endpoint, "logs", "Logs_20140328.FilterLogEvents", {
      logGroupName,
      startTime: since,
    });
    const messages = events.map(({ message }) => message.trimEnd()).filter((message) => message !== "");
    if (messages.length > 0) told.push(`--- ${logGroupName}`, ...messages.slice(-lines));
  }
  return told.join("\n");
}
