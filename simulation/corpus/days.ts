import type { VaultRequest } from '../audit-record.ts';
import { playBackground } from './background.ts';
import type { CorpusCase } from './case.ts';
import type { CorpusMend } from './mend.ts';
import type { PlayedPart } from './part.ts';
import { CREATES_PER_WINDOW } from './parts/write-pressure.ts';
import { createStage } from './stage.ts';

const DAY_MS = 86_400_000;
/** A log with more lines is not kept, so it need not be played to its end. */
export const LINES_MAX = 120_000;
const STEP_MS = 5_000;

export type Day = {
  /** What the vault was asked, in order of time. */
  log: readonly VaultRequest[];
  /** What was asked of the vault that a mend gave one caller for itself. */
  secondLog: readonly VaultRequest[];
  parts: readonly PlayedPart[];
};

/** Plays the day of a case, or the calm one before; `without`: one of its parts, to see what it is the cause of. */
export function playDay(
  drawn: CorpusCase,
  options: { calm?: boolean; mend?: CorpusMend | null; without?: number } = {},
): Day {
  const { calm = false, mend = null, without } = options;
  const shiftMs = calm ? -DAY_MS : 0;
  const stage = createStage({
    // By the seed alone: a case that is drawn again is another fleet, a mended one is the same.
    seed: drawn.seed * 16 + drawn.attempt,
    fromMs: (calm ? drawn.windowFromMs : drawn.recordsFromMs) + shiftMs,
    toMs: drawn.toMs + shiftMs,
    onsetMs: drawn.onsetMs + shiftMs,
    limit: drawn.limit,
    creates: CREATES_PER_WINDOW,
    ...{ calm, mend },
  });
  playBackground(stage, drawn.background);
  const parts = drawn.parts.filter((_, index) => index !== without).map((part) => part.play(stage));
  for (let atMs = stage.fromMs; atMs < stage.toMs && stage.vault.log.length <= LINES_MAX; atMs += STEP_MS)
    stage.schedule.playUntil(Math.min(stage.toMs, atMs + STEP_MS));
  return { log: stage.vault.log, secondLog: stage.secondVault.log, parts };
}
