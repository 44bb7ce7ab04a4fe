import { enrolmentRequestOperations as operations } from "#shared/contracts/api/enrolment-requests";
import { approveRequest } from "#shared/usecases/approve-enrolment";
import { refuseRequest } from "#shared/usecases/enrolment-requests";
import { existing } from "#shared/usecases/load";
import { enrolmentRequestView } from "../enrolment-views.ts";
import { handle, type Served } from "../operation-handler.ts";
import { page } from "../pages.ts";

const show = async ({ deps, call }: Served, id: string) => {
  const { state } = await existing(deps, call.principal.tenant, "enrolment-request", id);
  return enrolmentRequestView(id, state, deps.clock.now());
};

export const enrolmentRequestHandlers = {
  "enrolment-requests.list": handle(operations.list, {
    run: (served) =>
      page(served, "enrolment-request", (id, state) => enrolmentRequestView(id, state, served.deps.clock.now()), {
        name: served.query.decided === "true" ? "enrolment-requests-decided" : "enrolment-requests-pending",
      }),
  }),
  "enrolment-requests.get": handle(operations.get, {
    run: async (served) => ({ body: await show(served, served.params.id) }),
  }),
  "enrolment-requests.approve": handle(operations.approve, {
    show,
    async run({ deps, call, params }) {
      await approveRequest(deps, call, params.id);
      return { resource: params.id };
    },
  }),
  "enrolment-requests.refuse": handle(operations.refuse, {
    show,
    async run({ deps, call, params, body }) {
      await refuseRequest(deps, call, params.id, body.reason);
      return { resource: params.id };
    },
  }),
};
