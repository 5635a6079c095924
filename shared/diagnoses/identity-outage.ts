import { activity } from '../evidence/activity.ts';
import { callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { load } from '../evidence/load.ts';
import { rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Cause, Fact } from '../model.ts';
import { callerOf } from './caller.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Dip } from './dip.ts';
import { FALLEN_SHARE_MIN, ORPHANS_MIN, outageBefore } from './outage.ts';
import { type Storm, stormOf, timeOf } from './storm.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';

const CLEAR_FALLEN = 3;
const CLEAR_ORPHANS = 20;
/** The token service failed first: callers fell silent, their challenges unanswered, and came back all at once. */
export const identityOutage: Diagnosis = {
  kind: 'identity-outage',
  needs: [coverage.kind, timeline.kind, callers.kind, activity.kind, load.kind],
  fixes: ['cache-secrets', 'jittered-start', 'backoff'],
  cure: 'cache-secrets',
  diagnose(context) {
    const storm = stormOf(context);
    const active = rowsOf(context.evidence, activity);
    if (storm === null || active === null) return [];
    const dip = outageBefore(storm, active);
    if (dip === null) return [];
    return [causeFrom(storm, dip)];
  },
};

function causeFrom(storm: Storm, dip: Dip): Cause {
  const seconds = dip.toSecond - dip.fromSecond;
  const clear = dip.fallen.length >= CLEAR_FALLEN && dip.orphans >= CLEAR_ORPHANS;
  return {
    kind: identityOutage.kind,
    verdict: verdictFor(clear, storm.baseline),
    role: 'trigger',
    confidence: confidenceOf([
      margin(dip.fallenShare, FALLEN_SHARE_MIN, 0.9),
      margin(dip.orphans, ORPHANS_MIN, 10 * ORPHANS_MIN),
      margin(dip.fall, 0.5, 0.95),
    ]),
    explains: 0,
    onset: timeOf(dip.fromSecond),
    // Nobody who asked is to blame; whoever was refused is hurt.
    victims: storm.callers.filter(({ refused }) => refused > 0).map(callerOf),
    facts: factsOf(dip),
    summary: `tokens failed first: ${dip.fallen.length} callers fell silent for ${seconds} s, then all came back`,
  };
}

function factsOf(dip: Dip): Fact[] {
  const from: Fact['from'] = { kind: activity.kind, column: 'perTenSeconds', window: 'incident' };
  return [
    { label: 'Callers that fell by half or more', value: dip.fallen.length, from },
    { label: 'Their requests fell by', value: Math.round(100 * dip.fall), unit: '%', from },
    { label: 'From', value: timeOf(dip.fromSecond), from },
    { label: 'To', value: timeOf(dip.toSecond), from },
    { label: 'Challenges that nothing followed meanwhile', value: dip.orphans, from },
    { label: 'In as much time before', value: Math.round(dip.orphansBefore), from },
  ];
}
