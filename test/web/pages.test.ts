/**
 * Every page, in both schemes and as narrow as a telephone: no rule of accessibility broken, nothing beside the screen.
 * `TRSTCTL_SCREENSHOTS=<directory> npm run test:web -- pages` keeps what they look like.
 */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, startHost } from "#test/e2e/host";
import { pages } from "../../web/pages/registry.ts";
import { accessibilityFaults, signedIn, visit, type Visit } from "./browser.ts";
import { fill } from "./realistic.ts";

let host: Host;
/** The pages' paths with what is there in place of their parameters. */
let paths: readonly string[];

beforeAll(async () => {
  host = await startHost();
  const { certificate, identity, issuer, owner } = await fill(host);
  const job = await host.admin.ok("POST", "/revocations", { owner_id: owner, mode: "preview" });
  const effect = (await host.admin.ok("GET", "/outbox?limit=1")).items[0];
  const known: Readonly<Record<string, string>> = {
    "/certificates/$id": `/certificates/${certificate}`,
    "/identities/$id": `/identities/${identity}`,
    "/issuers/$id": `/issuers/${issuer}`,
    "/profiles/$name": "/profiles/default",
    "/profiles/$name/edit": "/profiles/default/edit",
    "/enrolment/$label": "/enrolment/default",
    "/operations/revocations/$id": `/operations/revocations/${job.id}`,
    "/operations/outbox/$id": `/operations/outbox/${effect.id}`,
  };
  paths = pages.map(({ path }) => known[path] ?? path);
});
afterAll(async () => host?.stop());

const screenshots = process.env["TRSTCTL_SCREENSHOTS"];

async function keep({ page }: Visit, path: string, look: string): Promise<void> {
  if (screenshots === undefined) return;
  const name = path === "/" ? "overview" : path.slice(1).replaceAll(/[/$]+/g, "-");
  await page.screenshot({ path: join(screenshots, `${name}.${look}.png`), fullPage: true });
}

describe.each(["light", "dark"] as const)("%s", (scheme) => {
  let seen: Visit;
  beforeAll(async () => {
    seen = await signedIn(host, { scheme });
  });
  afterAll(async () => seen?.close());

  it.each(pages.map(({ path }, at) => [path, at] as const))(
    "%s breaks no rule of accessibility",
    async (pattern, at) => {
      await seen.open(paths[at] ?? "");
      await keep(seen, pattern, scheme);
      expect(await seen.page.getByRole("heading", { level: 1 }).count()).toBe(1);
      expect(await accessibilityFaults(seen)).toEqual([]);
    },
  );
});

describe("360 pixels wide", () => {
  it("shows every page without scrolling sideways", async () => {
    const seen = await signedIn(host, { width: 360 });
    for (const [at, path] of paths.entries()) {
      await seen.open(path);
      await keep(seen, pages[at]?.path ?? "", "narrow");
      const over = await seen.page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect([path, over]).toEqual([path, 0]);
    }
    await seen.close();
  });
});

describe("before anybody is signed in", () => {
  it("says how to sign in, and breaks no rule either", async () => {
    const seen = await visit(host);
    await seen.open("/certificates");
    expect(await seen.page.getByText("npx trstctl console").count()).toBe(1);
    expect(await seen.page.getByText("npx trstctl trust install").count()).toBe(1);
    expect(await accessibilityFaults(seen)).toEqual([]);
    await seen.close();
  });
});
