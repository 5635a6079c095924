import * as z from 'zod/mini';
import { HeadroomError } from '../errors.ts';
import { silence as silenceUntil, unsilence } from '../incidents/marks.ts';
import type { MarkRule } from './mark.ts';

/** Null: it is quiet no longer. */
const PARAMS = z.strictObject({ until: z.nullable(z.string()) });

/** Keeps an incident from being edited and told anew; what comes of it is kept and shown when it ends. */
export const silence: MarkRule = {
  needs: 'word',
  id: 'silence',
  summary: 'keep it quiet for a time, an hour unless you say otherwise',
  touches: 'incident',
  when: 'open',
  risk: 'low',
  done: 'silenced',
  fields: ['silencedUntil'],
  change(record, params, { now }) {
    const parsed = z.safeParse(PARAMS, params);
    if (!parsed.success) throw new HeadroomError('bug', 'an incident is silenced for no time');
    const { until } = parsed.data;
    return until === null ? unsilence(record, now) : silenceUntil(record, until);
  },
  stands({ silencedUntil, unsilencedAt }) {
    if (silencedUntil !== undefined) return `silenced until ${silencedUntil}`;
    return unsilencedAt === undefined ? 'not silenced' : 'no longer silenced';
  },
  restore: (record, { silencedUntil }, now) =>
    silencedUntil === undefined || silencedUntil <= now ? unsilence(record, now) : silenceUntil(record, silencedUntil),
};
