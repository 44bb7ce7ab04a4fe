/** What an operator sees and does when effects fail: on a host whose outbox has what another release left behind. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type Host, startHost, temporaryDirectory } from "#test/e2e/host";
import { plantEffects, plantFailures } from "#test/e2e/plant-effects";
import { accessibilityFaults, signedIn, type Visit } from "./browser.ts";
import { newCsr } from "./requests.ts";

const planted = 95;
let host: Host;
let seen: Visit;
let certificate: string;

beforeAll(async () => {
  const directory = temporaryDirectory();
  const first = await startHost({ directory });
  certificate = (await first.admin.ok("POST", "/certificates", { csr: newCsr("app.example.test") })).id;
  await first.stop();
  await plantEffects(first.data, "default", "mail.send", planted);
  await plantFailures(first.data, "default", "chat.send", 3);
  host = await startHost({ directory });
  await eventually("planted effects to be given up", async () =>
    (await host.admin.ok("GET", "/outbox?status=pending&limit=1")).items.length === 0 ? true : undefined,
  );
  seen = await signedIn(host);
});
afterAll(async () => {
  await seen?.close();
  await host?.stop();
});

const redrives = async (): Promise<number> =>
  (await host.admin.ok("GET", "/audit/events?limit=100")).items.filter(
    ({ type }: { type: string }) => type === "outbox.redriven",
  ).length;

describe("effects that were given up", () => {
  it("are on the overview, one click from their list, whose filters stand in the URL", async () => {
    const { page } = seen;
    await seen.open("/");
    await page.getByRole("link", { name: /effects were given up/ }).click();
    await page.getByRole("heading", { name: "Outbox" }).waitFor();
    expect(page.url()).toContain("status=dead");
    await page.getByLabel("Destination").selectOption("mail.send");
    await expect.poll(() => page.url()).toContain("destination=mail.send");
    await page.reload();
    await page.getByRole("link", { name: "mail.send" }).first().waitFor();
    expect(await page.getByLabel("Destination").inputValue()).toBe("mail.send");
    expect(await accessibilityFaults(seen)).toEqual([]);
    await page.getByLabel("Destination").selectOption("crl.publish");
    await page.getByText("No effect for crl.publish is like that.").waitFor();
  });

  it("say in their detail what went wrong, without their payload, and are redriven one at a time", async () => {
    const { page } = seen;
    await seen.open("/operations/outbox?status=dead&destination=mail.send");
    await page.getByRole("link", { name: "mail.send" }).first().click();
    await page.locator("dd").getByText("no destination is called mail.send").waitFor();
    expect(await page.getByText("payload-of-a-stranger").count()).toBe(0);
    await page.getByRole("button", { name: "Redrive…" }).click();
    await page.getByRole("button", { name: "Redrive mail.send" }).click();
    await expect.poll(redrives, { timeout: 20_000 }).toBe(1);
  });

  it("are all redriven, however many, after a question that names them", async () => {
    const { page } = seen;
    await seen.open("/operations/outbox?status=dead&destination=mail.send");
    await page.getByRole("button", { name: "Redrive all…" }).click();
    await page.getByRole("alertdialog", { name: "Redrive all of mail.send?" }).waitFor();
    expect(await accessibilityFaults(seen)).toEqual([]);
    await page.getByRole("button", { name: "Redrive all of mail.send" }).click();
    await page.getByText(`${planted} redriven`).waitFor({ timeout: 30_000 });
    await expect.poll(redrives, { timeout: 20_000 }).toBe(3);
  });
});

describe("a destination that fails", () => {
  it("shows within seconds, with what it says, and is reset after a question that names it", async () => {
    const { page } = seen;
    await seen.open("/operations");
    const card = page.getByRole("listitem").filter({ hasText: "crl.publish" });
    await card.getByText("closed").waitFor();
    await host.withoutSigner(async () => {
      await host.admin.ok("POST", `/certificates/${certificate}/revoke`, { reason: "superseded" });
      await card.getByText("failing").waitFor({ timeout: 30_000 });
      await card.getByText(/^unavailable: /).waitFor();
      expect(await accessibilityFaults(seen)).toEqual([]);
      await card.getByRole("button", { name: "Reset…" }).click();
      await page.getByRole("button", { name: "Reset crl.publish" }).click();
      await card.getByText(/ by /).waitFor();
    });
    await card.getByText("closed").waitFor({ timeout: 30_000 });
  });
});

describe("a circuit that another release left open", () => {
  it("says what failed and how often, and is closed by a reset", async () => {
    const { page } = seen;
    await seen.open("/operations");
    const card = page.getByRole("listitem").filter({ hasText: "chat.send" });
    await card.getByText(/^(half-)?open$/).waitFor();
    await card.getByText("unavailable: chat is down").waitFor();
    expect(await accessibilityFaults(seen)).toEqual([]);
    await card.getByRole("button", { name: "Reset…" }).click();
    await page.getByRole("button", { name: "Reset chat.send" }).click();
    await card.getByText("unavailable: chat is down").waitFor({ state: "hidden" });
    expect((await host.admin.ok("GET", "/audit/events?limit=1")).items[0]).toMatchObject({ type: "circuit.reset" });
  });
});

describe("bulk revocation", () => {
  it("counts, asks for the object's name, and shows how far it is until it is done", async () => {
    const { page } = seen;
    const owner = await host.admin.ok("POST", "/owners", { kind: "team", name: "Platform" });
    for (const name of ["a", "b", "c"])
      await host.admin.ok("POST", "/certificates", { csr: newCsr(`${name}.bulk.test`), owner_id: owner.id });
    await seen.open("/operations/revocations");
    await page.getByText("Nobody has revoked many at once.").waitFor();
    await page.getByRole("link", { name: "Revoke many" }).click();
    await page.getByLabel("Which").selectOption("owner_id");
    seen.expectRefusals(422);
    await page.getByLabel("Owner").fill("nobody");
    await page.getByRole("button", { name: "Count them" }).click();
    await page.getByText("owner_id: there is no owner nobody").waitFor();
    expect(await page.getByLabel("Owner").inputValue()).toBe("nobody");
    expect(await accessibilityFaults(seen)).toEqual([]);
    await page.getByLabel("Owner").fill(owner.id);
    await page.getByLabel("Why").selectOption("cessationOfOperation");
    await page.getByRole("button", { name: "Count them" }).click();
    await page.getByText("3 live certificates are meant.").waitFor({ timeout: 20_000 });
    expect(page.url()).toContain(`of=${owner.id}`);
    await page.getByRole("button", { name: "Revoke…" }).click();
    const go = page.getByRole("button", { name: "Revoke 3 certificates of Platform" });
    expect(await go.isDisabled()).toBe(true);
    await page.getByLabel("Type Platform to go on").fill("platform");
    expect(await go.isDisabled()).toBe(true);
    await page.getByLabel("Type Platform to go on").fill("Platform");
    expect(await accessibilityFaults(seen)).toEqual([]);
    await go.click();
    await page.getByText("3 of 3 revoked").waitFor({ timeout: 30_000 });
    const { items } = await host.admin.ok("GET", "/certificates?q=bulk.test");
    expect(items.map(({ status }: { status: string }) => status)).toEqual(["revoked", "revoked", "revoked"]);
    await seen.open("/operations/revocations");
    await page.getByText("3 of 3", { exact: true }).waitFor();
  });
});

describe("the health of host and log", () => {
  it("says how signer, clock, checkpoint and read models do", async () => {
    const { page } = seen;
    await host.admin.ok("POST", "/audit/checkpoints", {});
    await seen.open("/operations");
    const health = page.getByRole("region", { name: "Health" });
    await health.getByText(/^over \d+ events/).waitFor();
    await health.getByText("the host's and this browser's agree").waitFor();
    expect(await health.getByText("ok", { exact: true }).count()).toBe(2);
    await host.withoutSigner(async () => {
      await health.getByText("failing").waitFor({ timeout: 30_000 });
    });
  });
});
