/** `GET /auth/methods`: by what one signs in here. Asked before anybody is, so it says nothing that a stranger must not know. */
import { type Answer, jsonAnswer } from "#shared/http/answer";
import type { Exchange } from "./route.ts";

export const methods = ({ deps: { signIn } }: Exchange): Answer =>
  jsonAnswer({
    providers: [...signIn.values()].map(({ id, title }) => ({ id, title, start: `/auth/oidc/${id}/start` })),
  });
