import type { ActivityRow } from '../evidence/activity.ts';
import { type Dip, findDip } from './dip.ts';
import type { Storm } from './storm.ts';

/** Two callers that fall silent together share something (field-notes 10). */
const FALLEN_MIN = 2;
/** Share of the usual requests of all callers that those who fell used to make: else it is their own affair. */
export const FALLEN_SHARE_MIN = 0.3;
/** Challenges that nothing followed while they were silent; a scanner or two leaves some on any day. */
export const ORPHANS_MIN = 5;
/** Against the same stretch of time before. */
const ORPHANS_FACTOR = 3;
/** The rush comes when tokens do, or within the time that clients wait between their tries. */
const BEFORE_RUSH_MAX_S = 300;

/** The common silence before the refusals in which challenges went unanswered; null where there was none. */
export function outageBefore({ onsetSecond }: Storm, active: readonly ActivityRow[]): Dip | null {
  const dip = findDip(active, { untilSecond: onsetSecond, lagSeconds: BEFORE_RUSH_MAX_S });
  if (dip === null || dip.fallen.length < FALLEN_MIN || dip.fallenShare < FALLEN_SHARE_MIN) return null;
  return dip.orphans >= Math.max(ORPHANS_MIN, ORPHANS_FACTOR * dip.orphansBefore) ? dip : null;
}
