/** A field for each setting of a profile, under headings; refusals of the host and of its linter stand at theirs. */
import { useState } from "react";
import { useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Choices } from "../../parts/choices.tsx";
import { Duration } from "../../parts/duration.tsx";
import { Field, wordsOf } from "../../parts/form.tsx";
import { classical, conformityChoices, labels, postQuantum, type Spec, usages } from "./spec.ts";

export interface SpecFieldsProps {
  readonly spec: Spec;
  readonly error: Error | null;
  readonly onChange: (change: Partial<Spec>) => void;
}

type OfType<T> = { [K in keyof Spec]-?: Spec[K] extends T ? K : never }[keyof Spec];

export function SpecFields(props: SpecFieldsProps) {
  return (
    <>
      <h2>How long</h2>
      <DurationField {...props} setting="default_validity_seconds" />
      <DurationField {...props} setting="max_validity_seconds" hint="398 days is the most that the signer grants" />
      <h2>Which keys</h2>
      <KeyFields {...props} />
      <h2>Which names</h2>
      <p className="muted">
        As long as all four lists are empty, any name may be asked for. Once one of them is filled, kinds of names whose
        list is empty are refused.
      </p>
      <ListField {...props} setting="allowed_dns_suffixes" hint="Domains, separated by spaces: example.com shop.test" />
      <FlagField {...props} setting="allow_wildcards" />
      <ListField {...props} setting="allowed_ip_cidrs" hint="Networks: 10.0.0.0/8 2001:db8::/32" />
      <ListField {...props} setting="allowed_email_domains" hint="Domains: example.com" />
      <ListField {...props} setting="allowed_uri_prefixes" hint="With scheme and host: spiffe://example.com/" />
      <h2>What stands in it</h2>
      <Choices
        name="spec.extended_key_usages"
        label={labels.extended_key_usages}
        error={props.error}
        choices={usages}
        chosen={props.spec.extended_key_usages}
        onChange={(extended_key_usages) => props.onChange({ extended_key_usages })}
      />
      <ListField {...props} setting="certificate_policies" hint="Object identifiers: 2.23.140.1.2.1" />
      <FlagField {...props} setting="include_ocsp" />
      <FlagField {...props} setting="include_crl" />
      <h2>How it is issued</h2>
      <IssuerField {...props} />
      <ListField {...props} setting="allowed_protocols" hint="Empty: any. Else of: api acme est scep cmp" />
      <Field name="spec.conforms_to" label={labels.conforms_to} error={props.error}>
        {(field) => (
          <select
            {...field}
            value={props.spec.conforms_to}
            onChange={({ target }) => props.onChange({ conforms_to: target.value as Spec["conforms_to"] })}
          >
            {conformityChoices.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        )}
      </Field>
    </>
  );
}

function KeyFields({ spec, error, onChange }: SpecFieldsProps) {
  const chosen = spec.allowed_key_algorithms;
  const newer = chosen.filter((name) => postQuantum.includes(name));
  const older = chosen.filter((name) => classical.includes(name));
  const pick = (classicals: typeof chosen, others: typeof chosen): void =>
    onChange({ allowed_key_algorithms: [...classicals, ...others] });
  return (
    <>
      <Choices
        name="spec.allowed_key_algorithms"
        label={labels.allowed_key_algorithms}
        error={error}
        choices={classical}
        chosen={older}
        onChange={(picked) => pick(picked, newer)}
      />
      <details>
        <summary>Post-quantum keys ({newer.length} allowed)</summary>
        <Choices
          name="post-quantum"
          label="Post-quantum keys"
          error={null}
          choices={postQuantum}
          chosen={newer}
          onChange={(picked) => pick(older, picked)}
        />
      </details>
      <Field name="spec.min_rsa_bits" label={labels.min_rsa_bits} error={error}>
        {(field) => (
          <select
            {...field}
            value={spec.min_rsa_bits}
            onChange={({ target }) => onChange({ min_rsa_bits: Number(target.value) })}
          >
            {[...new Set([2048, 3072, 4096, spec.min_rsa_bits])].map((bits) => (
              <option key={bits}>{bits}</option>
            ))}
          </select>
        )}
      </Field>
    </>
  );
}

interface SettingProps<T> extends SpecFieldsProps {
  readonly setting: OfType<T>;
  readonly hint?: string;
}

const DurationField = ({ setting, hint, spec, error, onChange }: SettingProps<number>) => (
  <Field name={`spec.${setting}`} label={labels[setting]} hint={hint} error={error}>
    {(field) => (
      <Duration
        field={field}
        label={labels[setting]}
        seconds={spec[setting]}
        onChange={(seconds) => onChange({ [setting]: seconds })}
      />
    )}
  </Field>
);

const FlagField = ({ setting, spec, error, onChange }: SettingProps<boolean>) => (
  <Field name={`spec.${setting}`} label={labels[setting]} error={error}>
    {(field) => (
      <select
        {...field}
        value={spec[setting] ? "yes" : "no"}
        onChange={({ target }) => onChange({ [setting]: target.value === "yes" })}
      >
        <option>yes</option>
        <option>no</option>
      </select>
    )}
  </Field>
);

function ListField({ setting, hint, spec, error, onChange }: SettingProps<readonly string[]>) {
  const [text, setText] = useState(() => spec[setting].join(" "));
  return (
    <Field name={`spec.${setting}`} label={labels[setting]} hint={hint} error={error}>
      {(field) => (
        <input
          {...field}
          spellCheck={false}
          autoCapitalize="none"
          value={text}
          onChange={({ target }) => {
            setText(target.value);
            onChange({ [setting]: wordsOf(target.value) });
          }}
        />
      )}
    </Field>
  );
}

/** Absent and chosen are two things to the API: undefined is left out of the request. */
function IssuerField({ spec, error, onChange }: SpecFieldsProps) {
  const issuers = useOperation("issuers.list", { query: { limit: 100 } }, useMay("issuers:read"));
  const active = (issuers.data?.items ?? []).filter(
    ({ id, role, status }) => id === spec.issuer_id || (role === "issuing" && status === "active"),
  );
  const choose = (id: string): void => onChange({ issuer_id: id === "" ? undefined : id } as Partial<Spec>);
  return (
    <Field name="spec.issuer_id" label={labels.issuer_id} error={error}>
      {(field) => (
        <select {...field} value={spec.issuer_id ?? ""} onChange={({ target }) => choose(target.value)}>
          <option value="">The oldest active one</option>
          {active.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
