import { checkpointOf } from "#events/checkpoints/checkpoints";
import type { SignedCut } from "#events/checkpoints/cut";
import { base64 } from "#shared/kernel/bytes";

export const checkpointView = (cut: SignedCut) => ({
  number: cut.n,
  size: cut.size,
  root: base64(checkpointOf(cut).root),
  time: cut.time,
  heads: cut.heads.map(({ lane, seq, hash }) => ({ lane, sequence: seq, hash })),
  note: cut.note,
});
