/** The console's build as objects of the edge's bucket: names with a hash for ever, the document never from a cache. */
import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

export interface ConsoleFile {
  readonly key: string;
  readonly path: string;
  readonly contentType: string;
  readonly cacheControl: string;
}

/**
 * @param folder `web/dist`
 * @returns in the order to be stored: the document last, so that it never names what is not there
 * @throws TypeError for a file of a kind that is not in the table
 */
export function consoleFiles(folder: string): readonly ConsoleFile[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    // Of the build itself, and what the host on one machine sends compressed: CloudFront compresses by itself.
    .filter((path) => !/(^|\/)(manifest\.json|\.[^/]+)$|\.br$/.test(relative(folder, path)));
  const listed = files.map((path) => {
    const key = relative(folder, path).split(sep).join("/");
    const contentType = types[extname(path)];
    if (contentType === undefined) throw new TypeError(`web/dist/${key}: no content type for ${extname(path)}`);
    const cacheControl = key.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache";
    return { key, path, contentType, cacheControl };
  });
  const last = ({ key }: ConsoleFile) => (key.endsWith(".html") ? 1 : 0);
  return listed.toSorted((a, b) => last(a) - last(b) || (a.key < b.key ? -1 : 1));
}

export async function storeConsole(client: S3Client, bucket: string, folder: string): Promise<number> {
  const files = consoleFiles(folder);
  for (const { key, path, contentType, cacheControl } of files)
    await client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: readFileSync(path),
        ContentType: contentType,
        CacheControl: cacheControl,
      }),
    );
  return files.length;
}
