import { useEffect } from "react";
import { tellOtherTabs } from "../../app/step-up.tsx";

/** Where a provider sends the tab back to that was opened to show again who one is. */
export default function Confirmed() {
  useEffect(tellOtherTabs, []);
  return (
    <>
      <h1>You showed who you are</h1>
      <p>The tab that asked goes on with what you were doing there. You can close this one.</p>
    </>
  );
}
