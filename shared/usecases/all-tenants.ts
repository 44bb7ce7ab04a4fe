import type { Directory } from "#shared/ports/directory";

export async function* allTenants(directory: Directory): AsyncGenerator<string> {
  let after: string | undefined;
  for (;;) {
    const page = await directory.tenants(after);
    yield* page;
    after = page.at(-1);
    if (after === undefined || page.length < 100) return;
  }
}
