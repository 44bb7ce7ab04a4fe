/** How far the times in signed bytes may lie from the signer's own clock. */
export const backdatingMs = 24 * 3_600_000;
export const skewMs = 3_600_000;
/** CRLs and OCSP responses speak for at most so long. */
export const maxStatusMs = 10 * 86_400_000;
export const maxRootMs = 25 * 366 * 86_400_000;
