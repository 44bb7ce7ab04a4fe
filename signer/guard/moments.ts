/** How far the times in signed bytes may lie from the signer's own clock. */
const dayMs = 86_400_000;
export const backdatingMs = dayMs;
export const skewMs = 3_600_000;
/** For at most so long a CRL speaks, */
export const maxCrlMs = 10 * dayMs;
/** an OCSP response, */
export const maxOcspMs = dayMs;
/** the certificate of an OCSP responder, whoever issues it, */
export const maxResponderMs = 90 * dayMs;
/** that of an RA, */
export const maxRaMs = 30 * dayMs;
/** a leaf of a key that was made without a limit, */
export const defaultMaxLeafMs = 398 * dayMs;
/** and a CA. */
export const maxRootMs = 25 * 366 * dayMs;
