import { performance } from 'node:perf_hooks';

/** A real run is measured in pieces of this length: a fleet in step works in bursts of half a second. */
export const PIECE_MS = 100;
const SAMPLE_MS = 25;
/** Fewer halves in a piece tell nothing of what one costs. */
const HALVES_MIN = 20;

/** What one half of an exchange, a sending or a receiving, cost this process's event loop. */
export type WorkMeter = {
  begin(): void;
  /** Busy time for one half, ms, for each `PIECE_MS` since `begin`; the mean of all where a piece has too few. */
  end(): number[];
};

/** @param halves how many were done so far */
export function createWorkMeter(halves: () => number): WorkMeter {
  let pieces: { busyMs: number; halves: number }[] = [];
  let startedAt = 0;
  let mark = { at: 0, halves: 0, loop: performance.eventLoopUtilization() };
  let timer: NodeJS.Timeout | undefined;

  /** What was used since the last sample is spread over the pieces since. */
  const sample = (): void => {
    const at = performance.now() - startedAt;
    const busyMs = performance.eventLoopUtilization(mark.loop).active;
    const done = halves() - mark.halves;
    for (let piece = Math.floor(mark.at / PIECE_MS); piece <= Math.floor(at / PIECE_MS); piece++) {
      const span = Math.min(at, (piece + 1) * PIECE_MS) - Math.max(mark.at, piece * PIECE_MS);
      const part = span / Math.max(1e-3, at - mark.at);
      const entry = pieces[piece] ?? { busyMs: 0, halves: 0 };
      pieces[piece] = { busyMs: entry.busyMs + busyMs * part, halves: entry.halves + done * part };
    }
    mark = { at, halves: mark.halves + done, loop: performance.eventLoopUtilization() };
  };

  return {
    begin() {
      clearInterval(timer);
      pieces = [];
      startedAt = performance.now();
      mark = { at: 0, halves: halves(), loop: performance.eventLoopUtilization() };
      timer = setInterval(sample, SAMPLE_MS).unref();
    },
    end() {
      clearInterval(timer);
      sample();
      const all = pieces.reduce((sum, entry) => ({
        busyMs: sum.busyMs + entry.busyMs,
        halves: sum.halves + entry.halves,
      }));
      const meanMs = all.busyMs / Math.max(1, all.halves);
      return pieces.map((entry) => (entry.halves < HALVES_MIN ? meanMs : entry.busyMs / entry.halves));
    },
  };
}
