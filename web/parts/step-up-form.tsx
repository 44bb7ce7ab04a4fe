import { useState } from "react";
import type { Session } from "../app/session.tsx";
import { linkSecretOf } from "../app/sign-in-link.ts";
import { Field, Form } from "./form.tsx";
import { LinkCommands } from "./link-commands.tsx";
import { Problem } from "./problem.tsx";
import { When } from "./time.tsx";

interface StepUpFormProps {
  readonly session: Session;
  /** Of a link that was put into the address bar meanwhile. */
  readonly outcome: { readonly error?: unknown } | undefined;
  readonly byLink: (secret: string) => Promise<void>;
  /** Asks the host whether it was done elsewhere. */
  readonly look: () => Promise<void>;
  readonly cancel: () => void;
}

/** What the dialog says in which the person shows again who they are. */
export function StepUpForm({ session, outcome, byLink, look, cancel }: StepUpFormProps) {
  const { subject, name, authenticated_at, provider } = session;
  return (
    <>
      <h2 id="step-up-title">Show again who you are</h2>
      <p>
        This cannot be taken back or gives power away, so it wants to know that it is still {name ?? subject} who sits
        here.{" "}
        {Date.parse(authenticated_at) > 0 && (
          <>
            You last showed it <When at={authenticated_at} />.{" "}
          </>
        )}
        Afterwards it goes on by itself; nothing is lost.
      </p>
      {outcome?.error !== undefined && <Problem error={outcome.error} />}
      {provider === null ? <ByLink byLink={byLink} /> : <ByProvider provider={provider} look={look} />}
      <div className="actions">
        <button type="button" onClick={cancel}>
          Not now
        </button>
      </div>
    </>
  );
}

function ByLink({ byLink }: Pick<StepUpFormProps, "byLink">) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const submit = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await byLink(linkSecretOf(text) ?? text.trim());
    } catch (failure) {
      setError(failure as Error);
    }
    setBusy(false);
  };
  return (
    <>
      <p>
        Make a new link on the machine that trstctl runs on, or on yours for a deployment on AWS, and paste it here or
        into the address bar:
      </p>
      <LinkCommands />
      <Form submit="Go on" busy={busy} error={error} fields={["secret"]} onSubmit={() => void submit()}>
        <Field name="secret" label="Link" error={error}>
          {(field) => (
            <input
              {...field}
              type="password"
              autoComplete="off"
              spellCheck={false}
              value={text}
              onChange={({ target }) => setText(target.value)}
            />
          )}
        </Field>
      </Form>
    </>
  );
}

function ByProvider({ provider, look }: { readonly provider: string } & Pick<StepUpFormProps, "look">) {
  return (
    <>
      <p>Sign in at {provider} in a tab of its own; this one notices.</p>
      <div className="actions">
        <a
          className="button primary"
          href={`/auth/oidc/${provider}/start?step_up=1&return_to=/confirmed`}
          target="_blank"
          rel="noopener"
        >
          Sign in at {provider}
        </a>
        <button type="button" onClick={() => void look()}>
          I have done it
        </button>
      </div>
    </>
  );
}

/** After a link that was opened in another tab than the one that asks, or when nobody asked. */
export function Followed({
  outcome,
  forget,
}: {
  readonly outcome: { readonly error?: unknown };
  readonly forget: () => void;
}) {
  return (
    <div className="card">
      {outcome.error === undefined ? (
        <p role="status">You showed who you are. If another tab asked for it, it goes on with what you were doing.</p>
      ) : (
        <Problem error={outcome.error} />
      )}
      <button type="button" onClick={forget}>
        Close
      </button>
    </div>
  );
}
