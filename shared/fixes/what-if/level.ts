import { type Change, changeDemand, type Whose } from './change.ts';
import type { Demand } from './fleet.ts';

/** What the caller asks for passes a queue that lets through so many a second; what waits comes later, in order. */
export function levelLoad(whose: Whose, perSecond: number): Change {
  return changeDemand(whose, (demand) => {
    let waiting = 0;
    const levelled = readsPerSecond(demand).map((count) => {
      waiting += count;
      const passed = Math.min(waiting, perSecond);
      waiting -= passed;
      return passed;
    });
    return { kind: 'arrivals', perSecond: levelled };
  });
}

function readsPerSecond(demand: Demand): readonly number[] {
  if (demand.kind === 'arrivals') return demand.perSecond;
  return demand.startsPerSecond.map((count) => count * demand.reads);
}
