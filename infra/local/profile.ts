/** `up` evaluates on loopback and provisions; `serve` is production and provisions nothing (DESIGN §7). */
import type { HostConfig } from "#shared/contracts/config/host";

export type Mode = "up" | "serve";

const loopback = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/;

export const isLoopback = (host: string): boolean => loopback.test(host) || host === "localhost";

/** What a mode asks of the settings; a setting that is not there was refused by itself. */
export function profileProblems(mode: Mode, config: Partial<HostConfig>): readonly string[] {
  const problems: string[] = [];
  const { TRSTCTL_BIND_ADDRESS: address } = config;
  if (mode === "up" && address !== undefined && !loopback.test(address))
    problems.push(
      `TRSTCTL_BIND_ADDRESS: \`up\` is for evaluation and listens on loopback only, not on ${address}; use \`trstctl serve\``,
    );
  if (mode === "serve" && config.TRSTCTL_REVOCATION_BASE_URL === undefined)
    problems.push(
      "TRSTCTL_REVOCATION_BASE_URL: `serve` needs it: it is burnt into every certificate, and no issuer is made without it",
    );
  if (mode === "serve" && config.TRSTCTL_ACKNOWLEDGE_SAME_USER === undefined)
    problems.push(
      "TRSTCTL_ACKNOWLEDGE_SAME_USER: signer and host run under one user here, so whoever takes over that user has both; set it to `yes` to accept that",
    );
  return problems;
}
