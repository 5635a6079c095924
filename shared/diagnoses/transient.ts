import { callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { load } from '../evidence/load.ts';
import { retries } from '../evidence/retries.ts';
import { rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Cause, Fact } from '../model.ts';
import type { Diagnosis } from './diagnosis.ts';
import { stormOf, timeOf } from './storm.ts';
import { confidenceOf, margin } from './verdict.ts';

/** One window of the limit, and as much again for the requests that were under way when it ended. */
const LASTS_MAX_S = 20;
/** Share of the refused needs that may have been given up: an end user sees each of those. */
const GAVE_UP_MAX = 0.02;
/** A single one of at least so many tells how its client is (only JavaScript's gives up at once), and nothing of the vault. */
const SINGLE_GIVEN_UP_OF_MIN = 20;
/** So few refusals are nothing of weight, whatever else can be said of their callers. */
const LIGHT_MAX = 100;
/** Of all requests of the vault between first and last refusal: above it the vault was not briefly over its limit. */
const REFUSED_SHARE_MAX = 0.5;

/** Over within about one window, everybody was served on a retry: nothing to mend. */
export const transient: Diagnosis = {
  kind: 'transient',
  needs: [coverage.kind, timeline.kind, callers.kind, retries.kind, load.kind],
  fixes: [],
  cure: null,
  diagnose(context) {
    const storm = stormOf(context, 1);
    const retried = rowsOf(context.evidence, retries);
    if (storm === null || retried === null) return [];
    const lastsSeconds = storm.lastSecond - storm.onsetSecond + 1;
    const refusedShare = storm.refused / Math.max(1, storm.refused + storm.served);
    if (lastsSeconds > LASTS_MAX_S || refusedShare > REFUSED_SHARE_MAX) return [];
    const chains = retried.reduce((sum, row) => sum + row.refusedChains, 0);
    const gaveUp = retried.reduce((sum, row) => sum + row.gaveUp, 0);
    if (gaveUp > Math.max(GAVE_UP_MAX * chains, chains >= SINGLE_GIVEN_UP_OF_MIN ? 1 : 0)) return [];
    return [
      {
        kind: transient.kind,
        verdict: storm.refused < LIGHT_MAX ? 'confirmed' : 'likely',
        role: 'condition',
        confidence: confidenceOf([
          margin(LASTS_MAX_S - lastsSeconds, 0, LASTS_MAX_S),
          margin(REFUSED_SHARE_MAX - refusedShare, 0, REFUSED_SHARE_MAX),
        ]),
        explains: 1,
        onset: timeOf(storm.onsetSecond),
        victims: [],
        facts: factsOf({ lastsSeconds, refused: storm.refused, chains, gaveUp }),
        summary: `over after ${lastsSeconds} s, and ${gaveUp === 0 ? 'all' : 'nearly all'} that was refused was served on a retry`,
      } satisfies Cause,
    ];
  },
};

function factsOf(seen: { lastsSeconds: number; refused: number; chains: number; gaveUp: number }): Fact[] {
  const from = (kind: string, column: string): Fact['from'] => ({ kind, column, window: 'incident' });
  return [
    {
      label: 'From first to last refusal',
      value: seen.lastsSeconds,
      unit: 's',
      from: from(timeline.kind, 'perSecond'),
    },
    { label: 'Requests refused', value: seen.refused, from: from(timeline.kind, 'perSecond') },
    { label: 'Reads refused at first', value: seen.chains, from: from(retries.kind, 'refusedChains') },
    { label: 'Reads never served', value: seen.gaveUp, from: from(retries.kind, 'gaveUp') },
  ];
}
