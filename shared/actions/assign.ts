import * as z from 'zod/mini';
import { HeadroomError } from '../errors.ts';
import { assign as assignTo, withHolders } from '../incidents/marks.ts';
import type { MarkRule } from './mark.ts';

const PARAMS = z.strictObject({ to: z.string() });

/** Gives an incident to a person, by a name that its readers know; nobody is mentioned by it. */
export const assign: MarkRule = {
  needs: 'word',
  id: 'assign',
  summary: 'say who looks after it: you, or whom you name',
  touches: 'incident',
  when: 'open',
  risk: 'low',
  done: 'assigned',
  // Who assigns it has acknowledged it thereby.
  fields: ['acknowledged', 'assigned'],
  change(record, params, { by, now }) {
    const parsed = z.safeParse(PARAMS, params);
    if (!parsed.success) throw new HeadroomError('bug', 'an incident is assigned to nobody');
    return assignTo(record, parsed.data.to, by.name, now);
  },
  stands: ({ assigned }) => (assigned ? `assigned to ${assigned.to}` : 'assigned to nobody'),
  restore: withHolders,
};
