/** Where clients find this deployment. What is handed out, and burnt into certificates, comes from here and never from a request. */
import { fetchSettings, ssmClient } from "#shared/adapters/aws/settings";
import type { Part } from "../deps.ts";
import { required } from "../shell.ts";

export const settings: Part = async (shell) => {
  const { publicUrl, revocationBaseUrl, mtlsUrl, originLocked } = await fetchSettings(
    ssmClient(),
    required(shell, "TRSTCTL_SETTINGS_PARAMETER"),
  );
  const named = [publicUrl, ...(mtlsUrl === undefined ? [] : [mtlsUrl])].map((url) => new URL(url).hostname);
  const hostnames = [...new Set([...named, ...shell.config.TRSTCTL_HOSTNAMES])];
  const plainHostnames = [...new Set([...hostnames, new URL(revocationBaseUrl).hostname])];
  return {
    publicUrl,
    origins: new Set([new URL(publicUrl).origin]),
    revocationBaseUrl,
    hostnames,
    plainHostnames,
    revocationHostnames: new Set(plainHostnames),
    originLocked,
  };
};
