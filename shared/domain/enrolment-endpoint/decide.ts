import { Failure } from "#shared/kernel/failure";
import type { EndpointSettings, EnrolmentEndpoint, EnrolmentEndpointEvent } from "./enrolment-endpoint.ts";
import { assertLabel } from "./label.ts";

/** @param served protocols of this host @throws Failure `invalid_field` */
export function assertSettings(settings: EndpointSettings, served: readonly string[]): void {
  const refuse = (field: string, detail: string): never => {
    throw new Failure("invalid_field", detail, { field });
  };
  const unknown = settings.protocols.find((protocol) => !served.includes(protocol));
  if (unknown !== undefined)
    refuse("protocols", `${unknown} is no enrolment protocol of this host; it has ${served.join(", ") || "none"}`);
  if (settings.auth.includes("open") && !settings.validate_names)
    refuse("auth", "open needs validate_names: else whoever reaches the endpoint is given any name");
}

/** @throws Failure `invalid_field` for what does not fit, `conflict` when the label is or was in use */
export function decideCreateEndpoint(
  label: string,
  before: EnrolmentEndpoint | undefined,
  settings: EndpointSettings,
  served: readonly string[],
): EnrolmentEndpointEvent {
  assertLabel(label);
  assertSettings(settings, served);
  if (before !== undefined)
    throw new Failure("conflict", `${label} names an endpoint already, and a label is never given again`, {
      field: "label",
    });
  return { type: "enrolment-endpoint.created", data: settings };
}

/** @throws Failure `conflict` for a disabled endpoint, or while requests wait for the approval that would go */
export function decideUpdateEndpoint(
  endpoint: EnrolmentEndpoint,
  settings: EndpointSettings,
  served: readonly string[],
): EnrolmentEndpointEvent {
  assertSettings(settings, served);
  assertActive(endpoint);
  if (settings.approval === "automatic" && endpoint.pending_requests > 0)
    throw new Failure(
      "conflict",
      `${endpoint.pending_requests} requests wait for approval; approve or refuse them before it becomes automatic`,
      { field: "approval" },
    );
  return { type: "enrolment-endpoint.updated", data: { ...settings, previous_owner: endpoint.owner } };
}

/** @throws Failure `conflict` when it is disabled already */
export function decideDisableEndpoint(endpoint: EnrolmentEndpoint): EnrolmentEndpointEvent {
  assertActive(endpoint);
  return { type: "enrolment-endpoint.disabled", data: { owner: endpoint.owner } };
}

/** @throws Failure `conflict` */
export function assertActive(endpoint: EnrolmentEndpoint): void {
  if (endpoint.status === "disabled")
    throw new Failure("conflict", "the enrolment endpoint is disabled, and stays so", { field: "id" });
}
