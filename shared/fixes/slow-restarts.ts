import { callerId, type FixRule } from './fix.ts';
import { startOnce } from './what-if/thin.ts';

/** What restarts again and again is mended, or waits longer before each new start. */
export const slowRestarts: FixRule = {
  id: 'slow-restarts',
  invasiveness: 1,
  changesCaller: true,
  propose(context) {
    return { title: 'End the restart loop', change: startOnce(callerId(context)) };
  },
};
