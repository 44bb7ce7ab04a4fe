import { Failure } from "#shared/kernel/failure";
import type { SecretBytes } from "#shared/kernel/secret-bytes";
import { readSecretFile, withoutLineFeed } from "#shared/kernel/secret-file";

const longestPin = 255;

/** @throws Failure `misconfigured` */
export function readPin(path: string): SecretBytes {
  const pin = withoutLineFeed(
    readSecretFile({
      what: "PIN file",
      path,
      missing: "write the token's user PIN into it, and set TRSTCTL_PKCS11_PIN_FILE to it",
    }),
  );
  const { length } = pin.reveal();
  if (length > 0 && length <= longestPin) return pin;
  pin.wipe();
  throw new Failure("misconfigured", `PIN file ${path} has ${length} octets; a PIN has 1 to ${longestPin}`);
}
