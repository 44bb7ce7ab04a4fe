import { Failure } from "#shared/kernel/failure";
import type { FrontDoor } from "#shared/ports/front-door";

const timeoutMs = 20_000;
const maxBytes = 1024 * 1024;

/** @param publicUrl of the API; @param revocationBaseUrl of status */
export function ownFrontDoor(publicUrl: string, revocationBaseUrl: string): FrontDoor {
  const own = new Set([publicUrl, revocationBaseUrl].map((url) => new URL(url).origin));
  return {
    async ask(method, url, { headers = {}, body } = {}) {
      const target = new URL(url.startsWith("api:") ? publicUrl + url.slice("api:".length) : url);
      if (!own.has(target.origin)) throw new Failure("forbidden", `${target.origin} is not this deployment's`);
      try {
        const response = await fetch(target, {
          method,
          headers,
          redirect: "error",
          signal: AbortSignal.timeout(timeoutMs),
          ...(body !== undefined && { body: body as Uint8Array<ArrayBuffer> }),
        });
        return { status: response.status, body: await capped(response) };
      } catch (error) {
        if (error instanceof Failure) throw error;
        throw new Failure("unavailable", `${method} ${target.origin}${target.pathname.slice(0, 40)}: no answer`, {
          cause: error,
        });
      }
    },
  };
}

async function capped(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > maxBytes) throw new Failure("unavailable", `the answer is longer than ${maxBytes} bytes`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}
