/** Asks before something that cannot be taken back, and names what it is done to. */
import { type ReactNode, useId, useRef, useState } from "react";
import { Problem } from "./problem.tsx";

interface ConfirmProps {
  /** What the button says, and does: `Revoke`. */
  readonly verb: string;
  /** What it is done to, as people know it. */
  readonly object: string;
  /** What will be so afterwards. */
  readonly consequence: ReactNode;
  readonly run: () => Promise<unknown>;
  readonly children?: ReactNode;
}

/** The browser's own modal dialog: it keeps the focus, and Escape closes it. */
export function Confirm({ verb, object, consequence, run, children }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const id = useId();
  const ask = (): void => {
    setError(undefined);
    setOpen(true);
    dialog.current?.showModal();
  };
  const doIt = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await run();
      dialog.current?.close();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" className="danger" onClick={ask}>
        {verb}…
      </button>
      <dialog
        ref={dialog}
        role="alertdialog"
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-text`}
        onClose={() => setOpen(false)}
      >
        {open && (
          <>
            <h2 id={`${id}-title`}>
              {verb} {object}?
            </h2>
            <div id={`${id}-text`}>{consequence}</div>
            {children}
            {error !== undefined && <Problem error={error} />}
            <div className="actions">
              <button type="button" onClick={() => dialog.current?.close()}>
                Keep it
              </button>
              <button type="button" className="danger" disabled={busy} onClick={() => void doIt()}>
                {busy ? "Working…" : `${verb} ${object}`}
              </button>
            </div>
          </>
        )}
      </dialog>
    </>
  );
}
