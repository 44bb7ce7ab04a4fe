/** `up` evaluates on loopback and provisions; `serve` is production and provisions nothing (DESIGN §7). */
import type { HostConfig } from "#shared/contracts/config/host";
import { Failure } from "#shared/kernel/failure";

export type Mode = "up" | "serve";

const loopback = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/;

export const isLoopback = (host: string): boolean => loopback.test(host) || host === "localhost";

/** @throws Failure `misconfigured` with all that is missing */
export function checkProfile(mode: Mode, config: HostConfig): void {
  const problems: string[] = [];
  if (mode === "up" && !loopback.test(config.TRSTCTL_BIND_ADDRESS))
    problems.push(
      `TRSTCTL_BIND_ADDRESS: \`up\` is for evaluation and listens on loopback only, not on ${config.TRSTCTL_BIND_ADDRESS}; use \`trstctl serve\``,
    );
  if (mode === "serve" && config.TRSTCTL_REVOCATION_BASE_URL === undefined)
    problems.push(
      "TRSTCTL_REVOCATION_BASE_URL: `serve` needs it: it is burnt into every certificate, and no issuer is made without it",
    );
  if (mode === "serve" && config.TRSTCTL_ACKNOWLEDGE_SAME_USER === undefined)
    problems.push(
      "TRSTCTL_ACKNOWLEDGE_SAME_USER: signer and host run under one user here, so whoever takes over that user has both; set it to `yes` to accept that",
    );
  if (problems.length > 0)
    throw new Failure(
      "misconfigured",
      `the configuration is refused:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
    );
}
