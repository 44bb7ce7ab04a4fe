/** Whether somebody is here: what the page asks by itself while nobody is does not keep the session from being idle. */
const withoutInputMs = 60_000;
const inputs = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

/** Somebody opened the page just now. */
let lastInput = Date.now();
for (const input of inputs)
  addEventListener(input, () => void (lastInput = Date.now()), { capture: true, passive: true });

export const isAttended = (): boolean => Date.now() - lastInput < withoutInputMs;
