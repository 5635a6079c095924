import type { Reading } from '../model.ts';
import { challenges } from './challenges.ts';
import { areRowsOf } from './rows.ts';

/** Challenges of the window that nothing followed, as far as they were read. */
export function unansweredIn(readings: readonly Reading[]): number {
  return readings
    .flatMap((reading) =>
      reading.kind === challenges.kind &&
      reading.window === 'incident' &&
      reading.state === 'read' &&
      areRowsOf(reading.rows, challenges)
        ? reading.rows
        : [],
    )
    .filter(({ caller }) => caller === null)
    .reduce((sum, each) => sum + each.challenges, 0);
}
