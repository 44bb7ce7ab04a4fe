/** A request to a service for which the product needs no client: JSON 1.1, signed by nobody (the emulator knows its root). */
export async function ask<T = Record<string, unknown>>(
  endpoint: string,
  service: string,
  target: string,
  body: object,
): Promise<T> {
  const scope = `test/20261126/eu-central-1/${service}/aws4_request`;
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": target,
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${target}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}
