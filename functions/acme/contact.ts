import { emailProblem } from "#shared/pki/identifier";
import { AcmeError } from "./problem.ts";

const maxContacts = 10;

/** Where the account's owner is reached (RFC 8555 7.3). @throws AcmeError `unsupportedContact`, `invalidContact` */
export function checkedContact(contact: readonly string[]): readonly string[] {
  if (contact.length > maxContacts)
    throw new AcmeError("invalidContact", `${contact.length} contacts; at most ${maxContacts} are kept`);
  for (const uri of contact) {
    const shown = JSON.stringify(uri.slice(0, 100));
    const [, scheme, address = ""] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(uri) ?? [];
    if (scheme === undefined)
      throw new AcmeError("invalidContact", `contact ${shown} is no URI, such as mailto:a@b.example`);
    if (scheme.toLowerCase() !== "mailto")
      throw new AcmeError("unsupportedContact", `contact ${shown}: only mailto: is served`);
    // RFC 8555 7.3: no hfields, one address.
    const problem = /[?,%]/.test(address)
      ? "has header fields, an escape or more than one address"
      : emailProblem(address);
    if (problem !== undefined) throw new AcmeError("invalidContact", `contact ${shown} ${problem}`);
  }
  return contact;
}
