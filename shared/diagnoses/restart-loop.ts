import { activity } from '../evidence/activity.ts';
import { type CallerRow, callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { load } from '../evidence/load.ts';
import { rowsOf } from '../evidence/rows.ts';
import { type RunRow, runs } from '../evidence/runs.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Cause, Fact } from '../model.ts';
import { callerOf, victimsBeside } from './caller.ts';
import { climbSince } from './climb.ts';
import type { Diagnosis } from './diagnosis.ts';
import { digits } from './digits.ts';
import { shareOfLoad } from './lane.ts';
import { RESTART_GAP_MAX_MS, RESTART_GAP_MIN_MS, RESTART_SET_MIN, restartsAgain, sharesAddresses } from './rereads.ts';
import { type Storm, stormOf, timeOf, total } from './storm.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';
import { wavesOf } from './waves.ts';

/** Share of all first tries while refusals last: less cannot matter; how much it does, the replay of the cure tells. */
const OF_LOAD_MIN = 0.05;
const CLEAR_OF_LOAD = 0.5;
/** Challenges for each run: nearly each, and hardly one more. */
const CLEAR_CHALLENGES_MIN = 0.8;
/** Tries for each secret and start: those that gave up when they were refused did not come to the rest. */
const WHOLE_SETS_MIN = 0.4;

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
      const ofLoad = shareOfLoad(storm, caller.caller);
      if (ofLoad < OF_LOAD_MIN) return [];
      if (rhythm === undefined || !restartsAgain(rhythm)) return inWaves(storm, caller, ofLoad);
      const climbed = climbSince(storm, active, { caller: caller.caller, rhythmSeconds: rhythm.gapMsP50 / 1000 });
      const onset = typeof climbed === 'number' ? climbed : Math.min(storm.onsetSecond, rhythm.firstMs / 1000);
      return [causeFrom(storm, caller, rhythm, { ofLoad, onset })];
    });
  },
};

/**
 * Behind shared addresses, or where most is refused, no rhythm of one instance is to be seen; but that of all their challenges
 * is: as many of them again and again, each followed by a reading of the set.
 */
function inWaves(storm: Storm, caller: CallerRow, ofLoad: number): Cause[] {
  const own = storm.load.filter((line) => line.caller === caller.caller);
  const [row] = own;
  if (row === undefined || caller.targets < RESTART_SET_MIN) return [];
  const starts = row.sessionStart.map((_, second) => total(own.map((line) => line.sessionStart[second] ?? 0)));
  const found = wavesOf(starts);
  if (found === null || row.challenges < found.size * found.waves) return [];
  const gapMs = 1000 * found.gapSeconds;
  if (gapMs < RESTART_GAP_MIN_MS || gapMs > RESTART_GAP_MAX_MS) return [];
  const tries = total(own.map(({ first, retry }) => total(first.slice(found.from)) + total(retry.slice(found.from))));
  if (tries < WHOLE_SETS_MIN * found.size * found.waves * caller.targets) return [];
  const from = (column: string, kind: string = load.kind): Fact['from'] => ({
    kind,
    column,
    row: caller.caller,
    window: 'incident',
  });
  return [
    {
      kind: restartLoop.kind,
      verdict: 'likely',
      role: 'trigger',
      confidence: confidenceOf([margin(found.waves, 2, 6), margin(ofLoad, OF_LOAD_MIN, 0.9)]),
      explains: 0,
      onset: timeOf(row.fromSecond + found.from),
      caller: callerOf(caller),
      victims: victimsBeside(storm.callers, caller.caller),
      facts: [
        { label: 'Times that they started together', value: found.waves, from: from('sessionStart') },
        { label: 'Challenges each time: a new process has no token', value: found.size, from: from('sessionStart') },
        {
          label: 'From one time to the next',
          value: Math.round(found.gapSeconds),
          unit: 's',
          from: from('sessionStart'),
        },
        { label: 'Secrets in the set', value: caller.targets, from: from('targets', callers.kind) },
        {
          label: 'Share of first tries while refusals last',
          value: Math.round(100 * ofLoad),
          unit: '%',
          from: from('first'),
        },
      ],
      summary: `${digits(found.size)} instances restart every ${digits(found.gapSeconds)} s, ${digits(caller.targets)} secrets each time`,
    },
  ];
}

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
    summary: `${shared ? `instances at ${digits(instances)} addresses` : `${digits(instances)} instances`} restart every ${every} s, ${digits(rhythm.setSize)} secrets each time`,
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
      label: 'Challenges for each run (a new process has no token)',
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
      label: 'Share of first tries while refusals last',
      value: Math.round(100 * ofLoad),
      unit: '%',
      from: from('first', load.kind),
    },
  ];
}
