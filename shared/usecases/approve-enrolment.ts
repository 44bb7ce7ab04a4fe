/** A person grants what waits, and it is issued at once: what was shown, by the issuer that the endpoint has now. */
import { assertApprovable } from "#shared/domain/enrolment-request/decide";
import type { EnrolmentRequest } from "#shared/domain/enrolment-request/enrolment-request";
import { fromBase64 } from "#shared/kernel/bytes";
import { canonicalName, type SubjectName, subjectNameTypes } from "#shared/pki/general-name";
import { Failure } from "#shared/kernel/failure";
import { describeSpki } from "#shared/pki/key";
import { commonName } from "#shared/pki/name";
import type { CertificateRequest } from "./certificate-request.ts";
import type { Call, Deps } from "./deps.ts";
import { replacedBy } from "./enrolled-certificate.ts";
import { issueCertificate, type IssueFor } from "./issue-certificate.ts";
import { existing, type Present } from "./load.ts";

/** @throws Failure `conflict` when it is decided already, expired, or its endpoint is disabled; else as `issueCertificate` */
export async function approveRequest(deps: Deps, call: Call, id: string): Promise<void> {
  const { tenant } = call.principal;
  const load = async () => {
    const request = await existing(deps, tenant, "enrolment-request", id);
    const endpoint = await existing(deps, tenant, "enrolment-endpoint", request.state.endpoint);
    assertApprovable(request.state, endpoint.state, deps.clock.now());
    await assertStillLetIn(deps, tenant, request.state);
    return { request, endpoint };
  };
  const { request, endpoint } = await load();
  const { state } = request;
  const bound = async (): Promise<IssueFor> => {
    const now = await load();
    const replaced = await predecessorOf(deps, tenant, state);
    return {
      data: { endpoint: state.endpoint, request: id, ...(replaced !== undefined && { replaces: replaced.id }) },
      touches: [now.request, now.endpoint, ...(replaced === undefined ? [] : [replaced])],
      resource: () => id,
    };
  };
  await issueCertificate(
    deps,
    // Whoever approves and however often: for the signer it is one operation. A request that comes again is another.
    { ...call, operation: `enrolment-request/${id}/${state.created_at}` },
    {
      proven: requestedOf(state),
      digest: state.request_sha256,
      protocol: state.protocol,
      profile: state.profile,
      issuer: endpoint.state.issuer ?? undefined,
      owner: endpoint.state.owner ?? undefined,
      validitySeconds: state.validity_seconds ?? undefined,
      notAfterMs: state.not_after === null ? undefined : Date.parse(state.not_after),
    },
    bound,
  );
}

/** The certificate that the new one takes the place of. @throws Failure `conflict` when it was to be renewed and is revoked */
async function predecessorOf(
  deps: Deps,
  tenant: string,
  { renews, replaces }: EnrolmentRequest,
): Promise<Present<"certificate"> | undefined> {
  if (replaces !== null) return existing(deps, tenant, "certificate", replaces);
  return renews === null ? undefined : replacedBy(deps, tenant, renews);
}

/** One that ended lets it wait on; one that was revoked was in wrong hands. @throws Failure `conflict` */
async function assertStillLetIn(deps: Deps, tenant: string, { opened_with: id }: EnrolmentRequest): Promise<void> {
  const credential = id === null ? undefined : await deps.log.load(tenant, "enrolment-credential", id);
  const revokedAt = credential?.state?.revoked_at ?? null;
  if (revokedAt !== null)
    throw new Failure(
      "conflict",
      `the credential that the request came with, ${id}, was revoked at ${revokedAt}; refuse the request, and let the client ask with another`,
      { field: "id" },
    );
}

const requestedOf = ({ spki, common_name, names }: EnrolmentRequest): CertificateRequest => ({
  key: describeSpki(fromBase64(spki)),
  subject: common_name === null ? [] : commonName(common_name),
  names: names.map(nameFrom),
});

/** Reverse of `generalNameText`. */
function nameFrom(text: string): SubjectName {
  const type = subjectNameTypes.find((kind) => text.startsWith(`${kind}:`));
  if (type === undefined) throw new TypeError(`${text} is not the text of a name`);
  return canonicalName(type, text.slice(type.length + 1));
}
