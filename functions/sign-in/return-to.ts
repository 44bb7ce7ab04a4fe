import { Failure } from "#shared/kernel/failure";

const longest = 2_000;
/** What browsers take away or turn round before they read a URL: backslashes, tabs, line feeds, and all that is no text. */
const plain = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/;
/** Not the console's: a page that signs in, or what is no page. */
const notPages = /^\/(auth|api)(\/|$)/;

/**
 * Where the browser goes when it is signed in: a page of the console.
 * @returns path, query and fragment, as the URL parser has them
 * @throws Failure `invalid_field` for anything that could lead elsewhere
 */
export function ownPath(given: string | null, publicUrl: string): string {
  if (given === null || given === "") return "/";
  const refused = new Failure("invalid_field", "expected a path of this console, such as /certificates", {
    field: "return_to",
  });
  if (given.length > longest || !plain.test(given)) throw refused;
  const url = URL.parse(given, publicUrl);
  if (url === null || url.origin !== new URL(publicUrl).origin) throw refused;
  // `/.//elsewhere.example` is a path whose normal form is another host's name.
  if (url.pathname.startsWith("//") || notPages.test(url.pathname)) throw refused;
  return url.pathname + url.search + url.hash;
}
