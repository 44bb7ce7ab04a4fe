/**
 * Private keys and tokens that somebody pasted into a field: what is stored is in the log for ever, so they are refused
 * before anything else looks at them. A password looks like any text and is not recognised.
 */
import { Failure } from "#shared/kernel/failure";

const kinds: readonly { readonly shape: RegExp; readonly what: string }[] = [
  { shape: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/, what: "a private key" },
  { shape: /trst_[a-z2-7]{16}_[A-Za-z0-9_-]{43}/, what: "an API token" },
];

const kindOf = (text: string): string | undefined => kinds.find(({ shape }) => shape.test(text))?.what;

/**
 * Looks at every text and every member's name of one part of a request.
 * @param value JSON, not deeper than the reader of bodies lets through
 * @throws Failure `invalid_field` that names the field and repeats nothing of its value
 */
export function refuseExposedSecrets(value: unknown, path: readonly string[] = []): void {
  if (typeof value === "string") {
    const what = kindOf(value);
    if (what !== undefined) refuse(what, path);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      const what = kindOf(name);
      if (what !== undefined) refuse(what, path);
      refuseExposedSecrets(member, [...path, name]);
    }
  }
}

function refuse(what: string, path: readonly string[]): never {
  const field = path.join(".");
  const place = field === "" ? "the name of a field" : field;
  const way = what === "an API token" ? "revoke it" : "replace it";
  throw new Failure("invalid_field", `${place} holds ${what}: nothing was stored; treat it as exposed and ${way}`, {
    field,
  });
}
