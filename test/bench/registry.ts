import type { Figure } from "./figure.ts";
import { acmeFlow } from "./figures/acme-flow.ts";
import { cmpP10cr } from "./figures/cmp-p10cr.ts";
import { coldImport } from "./figures/cold-import.ts";
import { consoleFigure } from "./figures/console.ts";
import { consoleAnswers } from "./figures/console-answers.ts";
import { cpuPerIssuance } from "./figures/cpu-per-issuance.ts";
import { estSimpleenroll } from "./figures/est-simpleenroll.ts";
import { idleMemory } from "./figures/idle-memory.ts";
import { issueHttps } from "./figures/issue-https.ts";
import { lanes, lanesDynamodbLocal } from "./figures/lanes.ts";
import { listByExpiry } from "./figures/list-by-expiry.ts";
import { ocspCached } from "./figures/ocsp-cached.ts";
import { ocspSigned } from "./figures/ocsp-signed.ts";
import { overload } from "./figures/overload.ts";
import { populatedHost } from "./figures/populated-host.ts";
import { replay } from "./figures/replay.ts";
import { revoke } from "./figures/revoke.ts";
import { rowsPerIssuance } from "./figures/rows-per-issuance.ts";
import { scepEnrol } from "./figures/scep-enrol.ts";
import { startToReady } from "./figures/start-to-ready.ts";
import { yardstick } from "./figures/yardstick.ts";

/** One line each, in the order they run: the yardstick first, what wants a quiet machine before what heats it. */
export const figures: readonly Figure[] = [
  yardstick,
  startToReady,
  idleMemory,
  coldImport,
  issueHttps,
  cpuPerIssuance,
  rowsPerIssuance,
  estSimpleenroll,
  acmeFlow,
  cmpP10cr,
  scepEnrol,
  ocspSigned,
  ocspCached,
  overload,
  replay,
  lanes,
  lanesDynamodbLocal,
  consoleFigure,
  consoleAnswers,
  populatedHost,
  listByExpiry,
  revoke, // last: it leaves nothing valid
];
