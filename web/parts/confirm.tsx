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
  /** Whoever goes on must have typed this: for what touches many things at once. */
  readonly typed?: string;
  /** Something is given and nothing taken away. */
  readonly grants?: true;
  readonly children?: ReactNode;
}

/** The browser's own modal dialog: it keeps the focus, and Escape closes it. */
export function Confirm({ verb, object, consequence, run, typed, grants, children }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [text, setText] = useState("");
  const [error, setError] = useState<unknown>();
  const id = useId();
  const tone = grants === true ? "primary" : "danger";
  const ask = (): void => {
    setError(undefined);
    setText("");
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
      <button type="button" className={tone} onClick={ask}>
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
            {typed !== undefined && (
              <div className="field">
                <label htmlFor={`${id}-typed`}>
                  Type <strong>{typed}</strong> to go on
                </label>
                <input
                  id={`${id}-typed`}
                  value={text}
                  autoComplete="off"
                  spellCheck={false}
                  onChange={({ target }) => setText(target.value)}
                />
              </div>
            )}
            {error !== undefined && <Problem error={error} />}
            <div className="actions">
              <button type="button" onClick={() => dialog.current?.close()}>
                Not now
              </button>
              <button
                type="button"
                className={tone}
                disabled={busy || (typed !== undefined && text.trim() !== typed)}
                onClick={() => void doIt()}
              >
                {busy ? "Working…" : `${verb} ${object}`}
              </button>
            </div>
          </>
        )}
      </dialog>
    </>
  );
}
