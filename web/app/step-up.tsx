/**
 * Asks the person to show again who they are when the host wants that of a grave operation; what they were doing then goes on.
 * Where a provider is asked that is done in another tab, so nothing of this one is lost.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { request, setGuard } from "../api/client.ts";
import { Followed, StepUpForm } from "../parts/step-up-form.tsx";
import { type Session, sessionQuery, useSession } from "./session.tsx";
import { linkSecretOf } from "./sign-in-link.ts";

/** Tells the other tabs of this browser that the session was renewed. */
const channelName = "trstctl-session";
export const tellOtherTabs = (): void => {
  const channel = new BroadcastChannel(channelName);
  channel.postMessage("renewed");
  channel.close();
};

interface Asked {
  readonly since: string;
  readonly answer: (shown: boolean) => void;
}

export function StepUp() {
  const queries = useQueryClient();
  const session = useSession();
  const current = useRef(session);
  current.current = session;
  const dialog = useRef<HTMLDialogElement>(null);
  const waiting = useRef<Asked[]>([]);
  const [open, setOpen] = useState(false);
  /** What came of a link that was opened while somebody was signed in. */
  const [followed, setFollowed] = useState<{ readonly error?: unknown }>();

  const finish = useCallback((shown: boolean): void => {
    for (const { answer } of waiting.current.splice(0)) answer(shown);
    dialog.current?.close();
  }, []);
  /** The session as the host has it now; somebody else's is no answer to what this tab was asked. */
  const reload = useCallback(async (): Promise<Session | undefined> => {
    const before = current.current;
    const now = await queries.fetchQuery({ ...sessionQuery, staleTime: 0 });
    return now !== null && now.subject === before.subject && now.tenant === before.tenant ? now : undefined;
  }, [queries]);
  const look = useCallback(async (): Promise<void> => {
    const now = await reload();
    if (now === undefined) finish(false);
    else if (waiting.current.some(({ since }) => since !== now.authenticated_at)) finish(true);
  }, [reload, finish]);
  const showByLink = useCallback(
    async (secret: string): Promise<void> => {
      await request("POST", "/auth/local", { body: { secret, step_up: true } });
      tellOtherTabs();
      await look();
    },
    [look],
  );

  useEffect(() => {
    setGuard({
      showAgain: () =>
        new Promise((answer) => {
          waiting.current.push({ since: current.current.authenticated_at, answer });
          setOpen(true);
          if (dialog.current?.open === false) dialog.current.showModal();
        }),
      reload: async () => (await reload()) !== undefined,
    });
    return () => {
      setGuard(undefined);
      finish(false);
    };
  }, [reload, finish]);

  useEffect(() => {
    const channel = new BroadcastChannel(channelName);
    channel.onmessage = () => void look();
    const back = (): void => void (waiting.current.length > 0 && look());
    addEventListener("focus", back);
    return () => {
      channel.close();
      removeEventListener("focus", back);
    };
  }, [look]);

  useEffect(() => {
    const follow = (): void => {
      const secret = location.hash.startsWith("#sign-in=") ? linkSecretOf(location.hash) : undefined;
      if (secret === undefined) return;
      history.replaceState(history.state, "", location.pathname + location.search);
      const asked = waiting.current.length > 0;
      showByLink(secret).then(
        () => (asked ? undefined : setFollowed({})),
        (error: unknown) => setFollowed({ error }),
      );
    };
    follow();
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, [showByLink]);

  const closed = (): void => {
    setOpen(false);
    finish(false);
  };
  return (
    <>
      <dialog ref={dialog} aria-labelledby="step-up-title" onClose={closed}>
        {open && (
          <StepUpForm
            session={session}
            outcome={followed}
            byLink={showByLink}
            look={look}
            cancel={() => dialog.current?.close()}
          />
        )}
      </dialog>
      {followed !== undefined && !open && <Followed outcome={followed} forget={() => setFollowed(undefined)} />}
    </>
  );
}
