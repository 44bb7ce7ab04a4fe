import { atMost, type Figure } from "../figure.ts";
import { newPlace, startHost } from "../host.ts";

/** From the start of `node cli/trstctl.mjs up` to its message: in a new data directory, and in one that exists. */
export const startToReady: Figure = {
  name: "start_to_ready",
  title: "from the command to the ready message",
  async measure({ quick }) {
    const repetitions = quick ? 1 : 5;
    const fresh: number[] = [];
    const again: number[] = [];
    for (let n = 0; n < repetitions; n++) {
      const place = newPlace();
      const first = await startHost(place);
      fresh.push(first.secondsToReady);
      await first.stop();
      const second = await startHost(place);
      again.push(second.secondsToReady);
      await second.remove();
    }
    return [
      { figure: "start_to_ready", unit: "s", goal: atMost(1.5), samples: fresh },
      { figure: "start_to_ready_existing", unit: "s", goal: atMost(1.5), samples: again },
    ];
  },
};
