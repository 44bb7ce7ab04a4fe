/** Host and Origin against an allow-list on every listener (DESIGN §7): a page in a browser must not reach a local port. */
import { Failure } from "#shared/kernel/failure";

/** Without port and brackets, lower case. */
export const hostOf = (header: string): string =>
  header
    .replace(/:\d{1,5}$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();

/** @throws Failure `host_refused` */
export function assertHost(headers: Headers, hostnames: readonly string[]): void {
  const host = headers.get("host");
  if (host === null || !hostnames.includes(hostOf(host))) {
    throw new Failure(
      "host_refused",
      "this host does not answer to that name; add it to TRSTCTL_HOSTNAMES if it should",
    );
  }
  const origin = headers.get("origin");
  if (origin === null) return;
  const url = URL.parse(origin);
  if (url === null || !hostnames.includes(hostOf(url.host)))
    throw new Failure(
      "host_refused",
      "requests from that origin are refused; add its name to TRSTCTL_HOSTNAMES if it should be served",
    );
}
