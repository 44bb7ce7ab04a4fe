/** Text to take along: a command, a PEM, a secret that is shown once. */
import { useState } from "react";

export function Copy({ text, label }: { readonly text: string; readonly label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <figure className="copy">
      <pre tabIndex={0} aria-label={label}>
        {text}
      </pre>
      <button type="button" onClick={() => void copy()}>
        {copied ? "Copied" : `Copy ${label}`}
      </button>
    </figure>
  );
}

/** A file that the browser saves. */
export function Download({
  text,
  name,
  type,
}: {
  readonly text: string;
  readonly name: string;
  readonly type: string;
}) {
  const save = (): void => {
    const url = URL.createObjectURL(new Blob([text], { type }));
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <button type="button" onClick={save}>
      Save {name}
    </button>
  );
}
