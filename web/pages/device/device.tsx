/** Where a person says yes or no to a program that wants to sign in as them (RFC 8628 3.3). Nothing is approved by opening it. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { request } from "../../api/client.ts";
import { useSession } from "../../app/session.tsx";
import { Facts } from "../../parts/facts.tsx";
import { Field, Form } from "../../parts/form.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Moment } from "../../parts/time.tsx";

/** `GET /auth/device/request`. */
interface Asked {
  readonly user_code: string;
  /** As the program calls itself; nobody has proven it. */
  readonly client: string;
  readonly address: string;
  readonly scopes: readonly string[];
  readonly refused_scopes: readonly string[];
  /** Seconds. */
  readonly token_lifetime: number;
  readonly expires_at: string;
  readonly state: "pending" | "approved" | "denied";
}

export default function Device() {
  const { user_code: code }: { readonly user_code?: unknown } = useSearch({ strict: false });
  return (
    <>
      <h1>Sign in a program</h1>
      {typeof code === "string" ? <Question key={code} code={code} /> : <EnterCode />}
    </>
  );
}

function EnterCode() {
  const navigate = useNavigate();
  const [code, setCode] = useState("");
  const [error, setError] = useState<Error | null>(null);
  const look = (): void => {
    if (code.trim() === "") setError(new Error("Type the code that the terminal shows."));
    else void navigate({ to: "/device", search: { user_code: code.trim() } });
  };
  return (
    <section className="card">
      <p>
        <code>trstctl login</code> shows a code in the terminal. Type it here to see what it asks for.
      </p>
      <Form submit="Look" busy={false} error={null} fields={["user_code"]} onSubmit={look}>
        <Field name="user_code" label="Code" hint={error?.message ?? "Eight letters, like WDJB-MJHT."} error={null}>
          {(field) => (
            <input
              {...field}
              value={code}
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              onChange={(event) => setCode(event.target.value)}
            />
          )}
        </Field>
      </Form>
    </section>
  );
}

function Question({ code }: { readonly code: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["device", code],
    queryFn: async () => (await request("GET", `/auth/device/request?user_code=${encodeURIComponent(code)}`)) as Asked,
    retry: false,
    refetchOnWindowFocus: false,
  });
  if (error !== null)
    return (
      <>
        <Problem error={error} retry={() => void refetch()} />
        <p>
          <Link to="/device">Type another code</Link>
        </p>
      </>
    );
  if (data === undefined) return <p className="waiting">Loading…</p>;
  return <Decide asked={data} />;
}

function Decide({ asked }: { readonly asked: Asked }) {
  const { tenant, subject } = useSession();
  const decide = useMutation({
    mutationFn: async (approve: boolean) =>
      (await request("POST", "/auth/device/decision", { body: { user_code: asked.user_code, approve } })) as Asked,
  });
  const { state, scopes } = decide.data ?? asked;
  if (state === "approved")
    return (
      <section className="card" role="status">
        <h2>Approved</h2>
        <p>
          {asked.client} gets its token now: go back to the terminal. The token is in the list on the{" "}
          <Link to="/access">Access</Link> page, where it can be revoked.
        </p>
      </section>
    );
  if (state === "denied")
    return (
      <section className="card" role="status">
        <h2>Denied</h2>
        <p>The program was told so. It has nothing.</p>
      </section>
    );
  return (
    <section className="card">
      <h2>Is this your terminal?</h2>
      <p>
        Approve only if you started <code>trstctl login</code> yourself and the terminal shows exactly this code:
      </p>
      <p className="user-code">{asked.user_code}</p>
      <Facts
        facts={[
          ["Program, as it calls itself", asked.client],
          ["Asks from", asked.address],
          ["Will speak for", `${subject} in ${tenant}`],
          ["May", scopes.length === 0 ? "nothing" : scopes.map(permissionText).join(", ")],
          asked.refused_scopes.length > 0 && ["Asked for, but not yours to give", asked.refused_scopes.join(", ")],
          ["For", durationText(asked.token_lifetime)],
          ["The code dies", <Moment key="dies" at={asked.expires_at} />],
        ]}
      />
      {decide.error !== null && <Problem error={decide.error} />}
      <div className="actions">
        <button
          type="button"
          className="primary"
          disabled={decide.isPending || scopes.length === 0}
          onClick={() => decide.mutate(true)}
        >
          Approve
        </button>
        <button type="button" disabled={decide.isPending} onClick={() => decide.mutate(false)}>
          Deny
        </button>
      </div>
    </section>
  );
}

const permissionText = (scope: string): string => (scope === "*" ? "everything that you may (*)" : scope);

function durationText(seconds: number): string {
  const units = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ] as const;
  const [name, size] =
    units.find(([, length]) => seconds % length === 0 && seconds >= length) ?? (["second", 1] as const);
  const count = seconds / size;
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
