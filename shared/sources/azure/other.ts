import { factsOf } from '../custom.ts';
import { type Fields, textOf } from '../read.ts';
import type { Details } from './details.ts';

/** Alerts of a monitoring service that is not known here: the essentials alone make them readable. */
export function readOther(context: Fields): Details {
  return {
    category: 'other',
    signals: [],
    properties: context['properties'],
    facts: factsOf({ conditionType: textOf(context['conditionType']), status: textOf(context['status']) }),
  };
}
