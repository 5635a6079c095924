import type { FixRule } from './fix.ts';
import { raiseLimit } from './what-if/change.ts';

/** Asked for when the load is honest: the next whole multiple of the limit that holds its peak. */
const FACTOR = 2;

/** A higher limit for this vault, which Microsoft grants on request where there is a case for it. */
export const limitIncrease: FixRule = {
  id: 'limit-increase',
  invasiveness: 5,
  changesCaller: false,
  propose() {
    return { title: `Ask for ${FACTOR} times the limit`, change: raiseLimit(FACTOR), settings: { factor: FACTOR } };
  },
};
