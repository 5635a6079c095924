import { callerId, type FixContext, type FixRule } from './fix.ts';
import { levelLoad } from './what-if/change.ts';

/** Where no limit is known. */
const USUAL_PER_SECOND = 10;
/** Of the limit, for the caller behind the queue; the rest is for the others. */
const OF_LIMIT = 0.5;

/** What the caller asks for waits in a queue and is worked through at a rate below the limit. */
export const queueInFront: FixRule = {
  id: 'queue-in-front',
  invasiveness: 4,
  changesCaller: true,
  propose(context) {
    const perSecond = ratePerSecond(context);
    return {
      title: `Queue it, at most ${perSecond} a second`,
      change: levelLoad(callerId(context), perSecond),
      settings: { perSecond },
    };
  },
};

function ratePerSecond({ whatIf }: FixContext): number {
  if (whatIf === null) return USUAL_PER_SECOND;
  return Math.max(1, Math.floor((OF_LIMIT * whatIf.limit.max) / whatIf.limit.windowSeconds));
}
