import type { Time } from '../../model.ts';
import { type Moment, plausibleTime } from '../time.ts';
import type { Details } from './details.ts';
import type { Essentials } from './essentials.ts';

export type Times = { state: 'fired' | 'resolved'; fired: Moment; resolved?: Moment };

/**
 * Whether it is over, when it fired and when it ended. The alert that ends a health event carries, as its firedDateTime,
 * the moment of the end: it is taken instead of the event's own mitigation time, which may lie before the alert of its
 * beginning. A condition other than Resolved counts as fired: better seen once too often than lost.
 */
export function timesOf(essentials: Essentials, details: Details, receivedAt: Time): Times {
  const fired = plausibleTime(essentials.firedDateTime, 'firedDateTime', receivedAt);
  if (essentials.monitorCondition?.toLowerCase() === 'resolved') {
    const resolved = plausibleTime(essentials.resolvedDateTime, 'resolvedDateTime', receivedAt);
    return { state: 'resolved', fired, resolved };
  }
  if (!details.ended) return { state: 'fired', fired };
  const began = plausibleTime(details.beganAt, 'impactStartTime', receivedAt, fired.at);
  const isInOrder = began.at <= fired.at;
  return { state: 'resolved', fired: { at: isInOrder ? began.at : fired.at }, resolved: fired };
}
