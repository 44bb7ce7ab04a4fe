/** From nothing to a certificate that openssl has verified, without leaving the page. */
import { Link } from "@tanstack/react-router";
import { useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Copy, Download } from "../../parts/copy.tsx";
import { TrustHint } from "../../parts/trust-hint.tsx";

export function FirstRun() {
  const mayIssue = useMay("certs:issue");
  const root = useOperation("issuers.root", {});
  return (
    <section className="card first-run">
      <h2>Your first certificate</h2>
      <ol>
        <li>
          Keep your root certificate: what you issue is trusted where this is.{" "}
          {root.data !== undefined && (
            <Download text={root.data.certificate} name="root.pem" type="application/x-pem-file" />
          )}
        </li>
        <li>
          {mayIssue ? (
            <>
              <Link to="/certificates/issue">Issue a certificate</Link> for a request that you make with openssl; the
              page has the command. Save it as <code>app.pem</code>.
            </>
          ) : (
            <>You may not issue certificates yourself: ask for certs:issue, or let somebody issue one for you.</>
          )}
        </li>
        <li>
          See that it holds:
          <Copy text="openssl verify -CAfile root.pem -untrusted app.pem app.pem" label="command" />
        </li>
      </ol>
      <TrustHint />
    </section>
  );
}
