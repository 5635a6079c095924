import { type Change, changeDemand, type Whose } from './change.ts';

/** A caller that reads its whole set every `everySeconds` reads it every `seconds` instead. */
export function readEvery(whose: Whose, everySeconds: number, seconds: number): Change {
  const share = Math.min(1, everySeconds / seconds);
  return changeDemand(whose, (demand) =>
    demand.kind === 'arrivals'
      ? { ...demand, perSecond: demand.perSecond.map((count) => count * share) }
      : { ...demand, startsPerSecond: demand.startsPerSecond.map((count) => count * share) },
  );
}
