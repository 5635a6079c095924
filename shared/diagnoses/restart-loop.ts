import { activity } from '../evidence/activity.ts';
import { type CallerRow, callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { load } from '../evidence/load.ts';
import { rowsOf } from '../evidence/rows.ts';
import { type RunRow, runs } from '../evidence/runs.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Cause, Fact } from '../model.ts';
import { callerOf, victimsBeside } from './caller.ts';
import { climbOf, shareOfLoad } from './caller-load.ts';
import type { Diagnosis } from './diagnosis.ts';
import { restartsAgain, sharesAddresses } from './rereads.ts';
import { type Storm, stormOf, timeOf } from './storm.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';

/** Share of all first tries while refusals last: less cannot matter; how much it does, the replay of the cure tells. */
const OF_LOAD_MIN = 0.05;
const CLEAR_OF_LOAD = 0.5;
/** Challenges for each run: nearly each, and hardly one more. */
const CLEAR_CHALLENGES_MIN = 0.8;

/** Instances start again and again, and each reads its whole set anew each time. */
export const restartLoop: Diagnosis = {
  kind: 'restart-loop',
  needs: [coverage.kind, timeline.kind, callers.kind, runs.kind, activity.kind, load.kind],
  fixes: ['slow-restarts', 'bundle-secrets', 'separate-vault'],
  cure: 'slow-restarts',
  yieldsTo: ['enumeration'],
  diagnose(context) {
    const storm = stormOf(context);
    const rhythms = rowsOf(context.evidence, runs);
    const active = rowsOf(context.evidence, activity);
    if (storm === null || rhythms === null || active === null) return [];
    return storm.callers.flatMap((caller) => {
      const rhythm = rhythms.find((row) => row.caller === caller.caller);
      if (rhythm === undefined || !restartsAgain(rhythm)) return [];
      const ofLoad = shareOfLoad(storm, caller.caller);
      if (ofLoad < OF_LOAD_MIN) return [];
      const climbed = climbOf(active, {
        caller: caller.caller,
        onsetSecond: storm.onsetSecond,
        rhythmSeconds: rhythm.gapMsP50 / 1000,
      });
      const onset = typeof climbed === 'number' ? climbed : Math.min(storm.onsetSecond, rhythm.firstMs / 1000);
      return [causeFrom(storm, caller, rhythm, { ofLoad, onset })];
    });
  },
};

function causeFrom(
  storm: Storm,
  caller: CallerRow,
  rhythm: RunRow,
  { ofLoad, onset }: { ofLoad: number; onset: number },
): Cause {
  const challenged = rhythm.challengesEach ?? 0;
  const shared = sharesAddresses(rhythm);
  const clear = ofLoad >= CLEAR_OF_LOAD && challenged >= CLEAR_CHALLENGES_MIN && !shared;
  // Forty addresses stand for all of a larger fleet.
  const instances = Math.round((rhythm.rereading / rhythm.watched) * Math.max(rhythm.watched, caller.addresses));
  const every = Math.round(rhythm.gapMsP50 / 1000);
  return {
    kind: restartLoop.kind,
    verdict: verdictFor(clear, storm.baseline),
    role: 'trigger',
    confidence: confidenceOf([
      margin(challenged, 0.5, 1),
      margin(rhythm.sameOrderShare, 0, 1),
      margin(ofLoad, OF_LOAD_MIN, 0.9),
      margin(rhythm.runsEach, 3, 6),
    ]),
    explains: 0,
    onset: timeOf(onset),
    caller: callerOf(caller),
    victims: victimsBeside(storm.callers, caller.caller),
    facts: factsOf(caller, rhythm, ofLoad),
    summary: `${shared ? `instances at ${instances} addresses` : `${instances} instances`} restart every ${every} s, ${Math.round(rhythm.setSize)} secrets each time`,
  };
}

function factsOf({ caller }: CallerRow, rhythm: RunRow, ofLoad: number): Fact[] {
  const from = (column: string, kind: string = runs.kind): Fact['from'] => ({
    kind,
    column,
    row: caller,
    window: 'incident',
  });
  return [
    { label: 'Addresses that read their whole set again and again', value: rhythm.rereading, from: from('rereading') },
    { label: 'Times each of them read it', value: Math.round(rhythm.runsEach), from: from('runsEach') },
    { label: 'From one run to the next', value: Math.round(rhythm.gapMsP50 / 1000), unit: 's', from: from('gapMsP50') },
    {
      label: 'Challenges for each run: a new process has no token',
      value: Number((rhythm.challengesEach ?? 0).toFixed(2)),
      from: from('challengesEach'),
    },
    {
      label: 'Runs in the same order',
      value: Math.round(100 * rhythm.sameOrderShare),
      unit: '%',
      from: from('sameOrderShare'),
    },
    { label: 'Secrets in the set', value: Math.round(rhythm.setSize), from: from('setSize') },
    {
      label: 'Of all first tries while refusals last',
      value: Math.round(100 * ofLoad),
      unit: '%',
      from: from('first', load.kind),
    },
  ];
}
