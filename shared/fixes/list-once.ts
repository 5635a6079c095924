import { callerId, type FixRule } from './fix.ts';
import { readNoneTwice } from './what-if/thin.ts';

/** What is needed is read; what has not changed since the last list is not. */
export const listOnce: FixRule = {
  id: 'list-once',
  invasiveness: 2,
  changesCaller: true,
  propose(context) {
    return { title: 'Read only what changed', change: readNoneTwice(callerId(context)) };
  },
};
