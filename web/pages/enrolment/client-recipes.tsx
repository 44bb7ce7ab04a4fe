/** What to type at a client of an endpoint, from nothing to its certificate. */
import type { Operations } from "../../api/generated.ts";
import { useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Copy, Download } from "../../parts/copy.tsx";
import { placesOf, preparation, recipesFor } from "./recipes.ts";

type Endpoint = Operations["enrolment-endpoints.get"]["response"];

export function ClientRecipes({ endpoint }: { readonly endpoint: Endpoint }) {
  const issuers = useOperation("issuers.list", { query: { limit: 1 } }, useMay("issuers:read"));
  const root = useOperation("issuers.root", {}, useMay("issuers:read"));
  const { label, protocols, auth } = endpoint;
  const recipes = recipesFor({
    ...placesOf(location.origin, issuers.data?.items[0]?.ocsp_url),
    label,
    protocols,
    auth,
  });
  const needsSecret = protocols.some((protocol) => protocol !== "acme") || !auth.includes("open");
  return (
    <>
      <h2>For your clients</h2>
      <p>
        A client needs two files beside it: <code>ca.pem</code>, by which it knows this host (
        <code>npx trstctl tls-root &gt; ca.pem</code> on the host&apos;s machine), and <code>root.pem</code>, by which
        certificates from here are known. Then, once in its shell:
      </p>
      {root.data !== undefined && (
        <p>
          <Download text={root.data.certificate} name="root.pem" type="application/x-pem-file" />
        </p>
      )}
      <Copy text={preparation(needsSecret)} label="preparation" />
      {recipes.map(({ protocol, client, command, note }) => (
        <section key={client}>
          <h3>
            {protocol.toUpperCase()}: {client}
          </h3>
          {note !== undefined && <p>{note}</p>}
          <Copy text={command} label={`${client} command`} />
        </section>
      ))}
    </>
  );
}
