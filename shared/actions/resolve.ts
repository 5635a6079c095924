import { closeByPerson } from '../incidents/accept.ts';
import type { MarkRule } from './mark.ts';

/** It is over, whatever its alerts still say; one that fires within 15 min opens it again. */
export const resolve: MarkRule = {
  needs: 'word',
  id: 'resolve',
  summary: 'say that it is over',
  touches: 'incident',
  when: 'open',
  risk: 'low',
  done: 'resolved',
  fields: [],
  change: (record, _params, { by, now }) =>
    record.lifecycle.state === 'open' ? closeByPerson(record, now, by.id) : record,
  stands: ({ lifecycle }) => (lifecycle.state === 'open' ? 'open' : 'resolved'),
};
