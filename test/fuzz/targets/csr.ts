/** Certificate requests: what we accept, asn1js reads too, and the names that we read can be written. */
import { generalNameDer } from "#shared/pki/general-name";
import { parseCsr } from "#shared/pki/csr";
import { nameText } from "#shared/pki/name";
import { asn1jsReads } from "../reference.ts";
import { csrSeeds } from "../seeds/x509.ts";
import { same, type Target } from "../target.ts";

export const target: Target = {
  run(input) {
    const csr = parseCsr(input);
    same(csr.der, input, "der");
    asn1jsReads(input);
    nameText(csr.subject);
    for (const san of csr.sans) if (san.type !== "other") generalNameDer(san);
  },
  refusals: ["malformed", "invalid_field"],
  format: "der",
  seeds: csrSeeds,
};
