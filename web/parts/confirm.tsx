/** Asks before something that cannot be taken back, and names what it is done to. */
import { AlertDialog } from "radix-ui";
import { type ReactNode, useState } from "react";
import { Problem } from "./problem.tsx";

interface ConfirmProps {
  /** What the button says, and does: `Revoke`. */
  readonly verb: string;
  /** What it is done to, as people know it. */
  readonly object: string;
  /** What will be so afterwards. */
  readonly consequence: ReactNode;
  readonly run: () => Promise<unknown>;
  readonly disabled?: boolean;
  readonly children?: ReactNode;
}

export function Confirm({ verb, object, consequence, run, disabled = false, children }: ConfirmProps) {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const doIt = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await run();
      setOpen(false);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <AlertDialog.Root open={open} onOpenChange={setOpen}>
      <AlertDialog.Trigger className="button danger" disabled={disabled}>
        {verb}…
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="overlay" />
        <AlertDialog.Content className="dialog">
          <AlertDialog.Title>
            {verb} {object}?
          </AlertDialog.Title>
          <AlertDialog.Description asChild>
            <div>{consequence}</div>
          </AlertDialog.Description>
          {children}
          {error !== undefined && <Problem error={error} />}
          <div className="actions">
            <AlertDialog.Cancel className="button">Keep it</AlertDialog.Cancel>
            <button type="button" className="danger" disabled={busy} onClick={() => void doIt()}>
              {busy ? "Working…" : `${verb} ${object}`}
            </button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
