/** The link that `npm start` and `npx trstctl console` print has its secret behind the #, which no server and no log sees. */
const shape = /(?:^|#)(?:sign-in=)?([a-z0-9-]+\.[A-Za-z0-9_-]{43})\s*$/;

/** @param text a hash of the page, or what somebody pasted: the whole link, or its end */
export const linkSecretOf = (text: string): string | undefined => shape.exec(text.trim())?.[1];
