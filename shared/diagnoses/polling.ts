import { activity } from '../evidence/activity.ts';
import { attempts } from '../evidence/attempts.ts';
import { type CallerRow, callers } from '../evidence/callers.ts';
import { clientOf } from '../evidence/client-language.ts';
import { coverage } from '../evidence/coverage.ts';
import { listings } from '../evidence/listings.ts';
import { load } from '../evidence/load.ts';
import { OTHER_CLASS } from '../evidence/operation-classes.ts';
import { retries } from '../evidence/retries.ts';
import { rowsOf } from '../evidence/rows.ts';
import { type RunRow, runs } from '../evidence/runs.ts';
import { timeline } from '../evidence/timeline.ts';
import { limitFor } from '../limits.ts';
import type { Cause, Evidence, Fact } from '../model.ts';
import { callerOf, victimsBeside } from './caller.ts';
import { climbSince } from './climb.ts';
import { type CommonPeriod, commonPeriodOf } from './common-period.ts';
import type { Diagnosis } from './diagnosis.ts';
import { digits } from './digits.ts';
import { shareOfLoad } from './lane.ts';
import { roundsOf } from './list-then-get.ts';
import { type ReadAgain, readAgain } from './read-again.ts';
import {
  POLLING_CHALLENGES_MAX,
  POLLING_VARIATION_MAX,
  POLLING_WHOLE_MIN,
  pollsOnTimer,
  sharesAddresses,
} from './rereads.ts';
import { type Storm, stormOf, timeOf, total } from './storm.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';

/**
 * Share of all first tries while refusals last, little because rounds may be minutes apart and another fill the time between:
 * less cannot matter; how much it does, the replay of the cure tells.
 */
const OF_LOAD_MIN = 0.03;
const CLEAR_OF_LOAD = 0.5;
const CLEAR_VARIATION = 0.12;
/** Of instances that are told by what they do together: rounds, and how alike each is to the one before. */
const TOGETHER_ROUNDS_MIN = 4;
const LIKENESS_MIN = 0.6;
/** A limit that lets through what one window admits makes a rhythm of its own, about as long as the window. */
const OF_WINDOW_MIN = 1.25;

/** What reads on a timer and for nothing else (field-notes 12) need not show it: so many rounds are no start. */
const BY_NATURE = ['csi-driver', 'external-secrets'] as const;
const ROUNDS_BY_NATURE_MIN = 3;

/** Each instance reads its whole set on a timer. */
export const polling: Diagnosis = {
  kind: 'polling',
  needs: [
    coverage.kind,
    timeline.kind,
    callers.kind,
    runs.kind,
    listings.kind,
    retries.kind,
    attempts.kind,
    activity.kind,
    load.kind,
  ],
  fixes: ['refresh-interval', 'bundle-secrets', 'separate-vault'],
  cure: 'refresh-interval',
  yieldsTo: ['enumeration'],
  diagnose(context) {
    const storm = stormOf(context);
    const rhythms = rowsOf(context.evidence, runs);
    const listed = rowsOf(context.evidence, listings);
    const active = rowsOf(context.evidence, activity);
    if (storm === null || rhythms === null || listed === null || active === null) return [];
    const windowSeconds = limitFor(context.limits, context.evidence.resource, OTHER_CLASS)?.windowSeconds ?? 0;
    return storm.callers.flatMap((caller) => {
      const listing = listed.find((row) => row.caller === caller.caller);
      if (listing !== undefined && roundsOf(listing) !== null) return [];
      const ofLoad = shareOfLoad(storm, caller.caller);
      if (ofLoad < OF_LOAD_MIN) return [];
      const rhythm = rhythms.find((row) => row.caller === caller.caller);
      const told =
        rhythm !== undefined && pollsOnTimer(rhythm, caller.refused)
          ? rhythm
          : togetherOnTimer(storm, caller, windowSeconds);
      const byNature = told === null ? roundsByNature(context.evidence, storm, caller) : null;
      if (byNature !== null) {
        const climbed = climbSince(storm, active, { caller: caller.caller, rhythmSeconds: 0 });
        return [causeByNature(storm, caller, byNature, { ofLoad, climbed })];
      }
      if (told === null) return [];
      const climbed = climbSince(storm, active, {
        caller: caller.caller,
        rhythmSeconds: 'seconds' in told ? told.seconds : told.gapMsP50 / 1000,
      });
      const seen = { ofLoad, climbed };
      return ['seconds' in told ? togetherCause(storm, caller, told, seen) : causeFrom(storm, caller, told, seen)];
    });
  },
};

/** Instances that share addresses and are refused show no rhythm each, but all of them together do. */
function togetherOnTimer(
  storm: Storm,
  { caller, targets, refused }: CallerRow,
  windowSeconds: number,
): CommonPeriod | null {
  // What is signed or unwrapped at a period is work, not a reading of what is known.
  const own = storm.load.filter((line) => line.caller === caller && line.class === OTHER_CLASS);
  const [first] = own;
  if (first === undefined) return null;
  const perSecond = first.first.map((_, second) => own.reduce((sum, line) => sum + (line.first[second] ?? 0), 0));
  const period = commonPeriodOf(perSecond);
  if (period === null || period.rounds < TOGETHER_ROUNDS_MIN || period.likeness < LIKENESS_MIN) return null;
  if (refused > 0 && period.seconds < OF_WINDOW_MIN * windowSeconds) return null;
  const sets = total(perSecond) / Math.max(1, targets);
  return first.challenges <= POLLING_CHALLENGES_MAX * sets ? period : null;
}

function togetherCause(
  storm: Storm,
  caller: CallerRow,
  period: CommonPeriod,
  { ofLoad, climbed }: { ofLoad: number; climbed: ReturnType<typeof climbSince> },
): Cause {
  const from = (column: string, kind: string = load.kind): Fact['from'] => ({
    kind,
    column,
    row: caller.caller,
    window: 'incident',
  });
  return {
    kind: polling.kind,
    verdict: 'likely',
    role: climbed === 'always' ? 'condition' : 'trigger',
    confidence: confidenceOf([margin(period.likeness, LIKENESS_MIN, 1), margin(ofLoad, OF_LOAD_MIN, 0.9)]),
    explains: 0,
    onset: timeOf(typeof climbed === 'number' ? climbed : storm.onsetSecond),
    caller: callerOf(caller),
    victims: victimsBeside(storm.callers, caller.caller),
    facts: [
      { label: 'Read again every', value: period.seconds, unit: 's', from: from('first') },
      { label: 'Rounds', value: period.rounds, from: from('first') },
      {
        label: 'A round is like the one before',
        value: Math.round(100 * period.likeness),
        unit: '%',
        from: from('first'),
      },
      { label: 'Distinct secrets read', value: caller.targets, from: from('targets', callers.kind) },
      {
        label: 'Share of first tries while refusals last',
        value: Math.round(100 * ofLoad),
        unit: '%',
        from: from('first'),
      },
    ],
    summary: `${digits(caller.targets)} secrets read again every ${period.seconds} s by all instances at once`,
  };
}

/** Behind shared addresses, or where its retries fill the time between two rounds, no rhythm is to be seen. */
function roundsByNature(evidence: Evidence, storm: Storm, caller: CallerRow): ReadAgain | null {
  const client = clientOf(caller.client);
  if (!BY_NATURE.some((name) => name === client)) return null;
  const again = readAgain(evidence, storm, caller);
  return again.readsEach >= ROUNDS_BY_NATURE_MIN ? again : null;
}

function causeByNature(
  storm: Storm,
  caller: CallerRow,
  { readsEach }: ReadAgain,
  { ofLoad, climbed }: { ofLoad: number; climbed: ReturnType<typeof climbSince> },
): Cause {
  const from = (kind: string, column: string): Fact['from'] => ({
    kind,
    column,
    row: caller.caller,
    window: 'incident',
  });
  return {
    kind: polling.kind,
    verdict: 'likely',
    role: climbed === 'always' ? 'condition' : 'trigger',
    confidence: confidenceOf([
      margin(readsEach, ROUNDS_BY_NATURE_MIN, 10 * ROUNDS_BY_NATURE_MIN),
      margin(ofLoad, OF_LOAD_MIN, 0.9),
    ]),
    explains: 0,
    onset: timeOf(typeof climbed === 'number' ? climbed : storm.onsetSecond),
    caller: callerOf(caller),
    victims: victimsBeside(storm.callers, caller.caller),
    facts: [
      {
        label: 'Client, which reads on a timer',
        value: clientOf(caller.client) ?? '',
        from: from(callers.kind, 'client'),
      },
      { label: 'Reads of each by each address', value: Math.round(readsEach), from: from(load.kind, 'first') },
      { label: 'Distinct secrets read', value: caller.targets, from: from(callers.kind, 'targets') },
      {
        label: 'Share of first tries while refusals last',
        value: Math.round(100 * ofLoad),
        unit: '%',
        from: from(load.kind, 'first'),
      },
    ],
    summary: `${digits(caller.targets)} secrets read again and again by a client that reads on a timer`,
  };
}

function causeFrom(
  storm: Storm,
  caller: CallerRow,
  rhythm: RunRow,
  { ofLoad, climbed }: { ofLoad: number; climbed: ReturnType<typeof climbSince> },
): Cause {
  const every = Math.round(rhythm.gapMsP50 / 1000);
  const clear = ofLoad >= CLEAR_OF_LOAD && rhythm.gapVariation <= CLEAR_VARIATION && !sharesAddresses(rhythm);
  return {
    kind: polling.kind,
    verdict: verdictFor(clear, storm.baseline),
    role: climbed === 'always' ? 'condition' : 'trigger',
    confidence: confidenceOf([
      margin(POLLING_VARIATION_MAX - rhythm.gapVariation, 0, POLLING_VARIATION_MAX),
      margin(rhythm.wholeShare, POLLING_WHOLE_MIN, 1),
      margin(ofLoad, OF_LOAD_MIN, 0.9),
      margin(rhythm.runsEach, 3, 10),
    ]),
    explains: 0,
    onset: timeOf(typeof climbed === 'number' ? climbed : storm.onsetSecond),
    caller: callerOf(caller),
    victims: victimsBeside(storm.callers, caller.caller),
    facts: factsOf(caller, rhythm, ofLoad),
    summary: `${digits(rhythm.setSize)} secrets read again every ${every} s by each of ${digits(caller.addresses)} addresses`,
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
    { label: 'Read again every', value: Math.round(rhythm.gapMsP50 / 1000), unit: 's', from: from('gapMsP50') },
    {
      label: 'The period varies by',
      value: Math.round(100 * rhythm.gapVariation),
      unit: '%',
      from: from('gapVariation'),
    },
    { label: 'Secrets in the set', value: Math.round(rhythm.setSize), from: from('setSize') },
    { label: 'Times each address read it', value: Math.round(rhythm.runsEach), from: from('runsEach') },
    {
      label: 'Challenges for each run (a client that is kept draws none)',
      value: Number((rhythm.challengesEach ?? 0).toFixed(2)),
      from: from('challengesEach'),
    },
    {
      label: 'Share of first tries while refusals last',
      value: Math.round(100 * ofLoad),
      unit: '%',
      from: from('first', load.kind),
    },
  ];
}
