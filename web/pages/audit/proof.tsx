/** The log proven while one watches: the browser computes the chain itself, the host compares state and signatures. */
import { useState } from "react";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { Problem } from "../../parts/problem.tsx";
import { type Chain, followChain } from "./chain.ts";

export function Proof() {
  const [chain, setChain] = useState<Chain>();
  const [state, setState] = useState<boolean>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const reconcile = useChange("audit.reconcile");
  const mayReconcile = useMay("audit:write");
  const prove = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await followChain(setChain);
      setState((await call("audit.state", {})).clean);
      if (mayReconcile) await reconcile.mutateAsync({});
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="card">
      <h2>Proof</h2>
      <button type="button" disabled={busy} onClick={() => void prove()}>
        {busy ? "Proving…" : "Prove the log"}
      </button>
      <div role="status">
        {chain !== undefined && (
          <p>
            <Badge state={chain.broken === undefined ? "ok" : "failing"} />{" "}
            {chain.broken ??
              `${chain.events} events in ${chain.lanes} lanes follow from each other; this browser computed it`}
          </p>
        )}
        {state !== undefined && (
          <p>
            <Badge state={state ? "ok" : "failing"} /> what is stored {state ? "is" : "is not"} what the log gives
          </p>
        )}
        {reconcile.data !== undefined && (
          <p>
            <Badge state={reconcile.data.clean ? "ok" : "failing"} /> {reconcile.data.signatures} signatures of the
            signer, {reconcile.data.recorded} of them recorded in the log
          </p>
        )}
      </div>
      {error !== undefined && <Problem error={error} />}
    </section>
  );
}
