import type { EndpointSettings } from "#shared/domain/enrolment-endpoint/enrolment-endpoint";

/** Settings of an enrolment endpoint as a test wants them: it says what differs. */
export const endpointSettings = (over: Partial<EndpointSettings> = {}): EndpointSettings => ({
  protocols: ["est"],
  issuer: null,
  profile: "default",
  owner: null,
  auth: ["secret"],
  approval: "automatic",
  validate_names: true,
  private_networks: false,
  server_keys: false,
  legacy_algorithms: false,
  default: false,
  ...over,
});
