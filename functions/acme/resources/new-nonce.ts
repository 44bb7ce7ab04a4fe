import type { Answer } from "#shared/http/answer";

/** RFC 8555 7.2: the nonce is in the header that every answer has; HEAD is answered 200, GET 204. */
export const newNonce = async (): Promise<Answer> => ({ status: 204, headers: {}, body: null });
