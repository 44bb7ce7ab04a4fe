/** An answer before it is a Response: every header is known when that is made, and it is made once. */
export interface Answer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer> | null;
}

/** A Response whose headers nobody touches later is written without a `Headers` object in between. */
export const responseOf = ({ status, headers, body }: Answer, more: Readonly<Record<string, string>> = {}): Response =>
  new Response(body, { status, headers: { ...headers, ...more } });

export const jsonAnswer = (body: unknown, status = 200): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});
