import { type Change, changeDemand, type Whose } from './change.ts';
import { type Demand, total } from './fleet.ts';

/** Instances hold a data key, or the outcome of a signature, for about this long. */
const KEPT_SECONDS = 3600;

/** What is answered 403 or 404 again and again is asked no more: granted or named rightly, it is read once. */
export function dropFailing(whose: Whose): Change {
  return changeDemand(whose, (demand, { source }) => {
    const answered = total(source.first) + total(source.retry) - total(source.refused);
    return scaled(demand, answered <= 0 ? 1 : Math.min(1, total(source.served) / answered));
  });
}

/** Each instance starts once: the runs of a loop after its first are gone. */
export function startOnce(whose: Whose): Change {
  return changeDemand(whose, (demand, { source }) => {
    if (demand.kind === 'arrivals') return demand;
    let left = source.addresses;
    const startsPerSecond = demand.startsPerSecond.map((count) => {
      const kept = Math.min(left, count);
      left -= kept;
      return kept;
    });
    return { ...demand, startsPerSecond };
  });
}

/** What was listed is not read one by one any more: the lists are left. */
export function readNoListed(whose: Whose): Change {
  return changeDemand(whose, (_demand, { source }) => ({ kind: 'arrivals', perSecond: source.uncacheable }));
}

/** Key operations are done in the process, which asks the vault for its key once in a while. */
export function calculateLocally(whose: Whose): Change {
  return changeDemand(whose, (demand, { source }) => {
    if (source.class !== 'key') return demand;
    const needs = total(source.first);
    const perInstance = Math.ceil(source.first.length / KEPT_SECONDS);
    return scaled(demand, needs === 0 ? 1 : Math.min(1, (source.addresses * perInstance) / needs));
  });
}

function scaled(demand: Demand, share: number): Demand {
  if (demand.kind === 'sessions') return { ...demand, reads: demand.reads * share };
  return { ...demand, perSecond: demand.perSecond.map((count) => count * share) };
}
