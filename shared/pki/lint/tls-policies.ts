/** Reserved policy identifiers of the CA/Browser Forum (BR 7.1.6.1). */
export const domainValidated = "2.23.140.1.2.1";
export const organizationValidated = "2.23.140.1.2.2";
export const individualValidated = "2.23.140.1.2.3";
export const extendedValidation = "2.23.140.1.1";

export const reservedPolicies: readonly string[] = [
  domainValidated,
  organizationValidated,
  individualValidated,
  extendedValidation,
];
