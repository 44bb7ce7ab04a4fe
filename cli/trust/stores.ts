/** All stores of a machine that are known here. */
import { linuxStore } from "./linux.ts";
import type { Machine } from "./machine.ts";
import { macosStore } from "./macos.ts";
import { nssStores } from "./nss.ts";
import type { Store } from "./store.ts";
import { windowsStore } from "./windows.ts";

export function storesOf(machine: Machine): readonly Store[] {
  switch (machine.platform) {
    case "darwin":
      return [macosStore(machine)];
    case "win32":
      return [windowsStore(machine)];
    default:
      return [linuxStore(machine) ?? [], nssStores(machine)].flat();
  }
}
