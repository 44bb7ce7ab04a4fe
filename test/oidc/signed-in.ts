/** A browser in a scene, as far as cookies go: signs in, says who it is. */
import type { Person } from "./hostile-provider.ts";
import type { Answer, Scene } from "./house.ts";

export interface SignedInAs {
  readonly answer: Answer;
  /** Of the session; empty where nobody is signed in. */
  readonly cookie: string;
}

/** @param query of `start` @param headers of the browser that goes there */
export async function signInAs(
  scene: Scene,
  person: Person,
  query = "",
  headers: Record<string, string> = {},
): Promise<SignedInAs> {
  const begun = await scene.ask(`/auth/oidc/idp/start${query}`, { headers });
  if (begun.status !== 303) return { answer: begun, cookie: "" };
  const back = scene.provider.signIn(begun.headers.get("location") ?? "", person);
  const answer = await scene.ask(`/auth/oidc/idp/callback?${back.toString()}`, {
    headers: { cookie: begun.cookie ?? "" },
  });
  return { answer, cookie: answer.cookie ?? "" };
}

/** @returns the subject, or undefined where the session is over */
export async function subjectOf(scene: Scene, cookie: string): Promise<string | undefined> {
  const answer = await scene.ask("/auth/session", { headers: { cookie } });
  return answer.status === 200 ? (JSON.parse(answer.text) as { readonly subject: string }).subject : undefined;
}
