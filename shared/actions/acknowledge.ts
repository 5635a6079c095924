import { acknowledge as acknowledgeBy, withHolders } from '../incidents/marks.ts';
import type { MarkRule } from './mark.ts';

/** Somebody looks after it: nobody is called any more. The first who says so stands. */
export const acknowledge: MarkRule = {
  needs: 'word',
  id: 'ack',
  summary: 'say that you look after it, so that nobody else is called',
  touches: 'incident',
  when: 'open',
  risk: 'low',
  done: 'acknowledged',
  // Who is assigned has it as well, and is not left with half of it.
  fields: ['acknowledged', 'assigned'],
  change: (record, _params, { by, now }) => acknowledgeBy(record, by.name, now),
  stands: ({ acknowledged }) => (acknowledged ? `acknowledged by ${acknowledged.by}` : 'not acknowledged'),
  restore: withHolders,
};
