/** From the link of a first start to a certificate on the screen, by a program's hands. */
import type { Browser } from "playwright-core";
import { csrFor } from "../csr.ts";
import { atMost, type Line } from "../figure.ts";
import type { RunningHost } from "../host.ts";
import { signInLink, visit } from "./browser.ts";

export async function firstCertificate(browser: Browser, host: RunningHost): Promise<readonly Line[]> {
  const csr = csrFor("first.console.example.test");
  const link = signInLink(host);
  const { page, close } = await visit(browser);
  const started = performance.now();
  await page.goto(link);
  await page
    .getByRole("navigation", { name: "Pages" })
    .getByRole("link", { name: "Certificates", exact: true })
    .click();
  await page.getByRole("link", { name: "Issue a certificate" }).click();
  await page.getByLabel("Certificate request").fill(csr);
  await page.getByRole("button", { name: "Issue", exact: true }).click();
  await page.getByRole("heading", { name: "Issued: first.console.example.test" }).waitFor();
  const seconds = (performance.now() - started) / 1000;
  await close();
  return [{ figure: "console_first_certificate", unit: "s", goal: atMost(180), samples: [seconds] }];
}
