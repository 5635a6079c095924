import { attempts } from '../evidence/attempts.ts';
import { type CallerRow, callers } from '../evidence/callers.ts';
import { type ChallengeRow, challenges } from '../evidence/challenges.ts';
import { coverage } from '../evidence/coverage.ts';
import { listings } from '../evidence/listings.ts';
import { load } from '../evidence/load.ts';
import { retries } from '../evidence/retries.ts';
import { rowsOf } from '../evidence/rows.ts';
import { type TargetRow, targets } from '../evidence/targets.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Cause, Fact } from '../model.ts';
import { cleanText } from '../sources/clean.ts';
import { callerOf, victimsBeside } from './caller.ts';
import { climbOf, wasAlways } from './climb.ts';
import type { Diagnosis } from './diagnosis.ts';
import { digits } from './digits.ts';
import { roundsOf } from './list-then-get.ts';
import { type ReadAgain, readAgain } from './read-again.ts';
import { type Storm, stormOf, timeOf } from './storm.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';

/** Share of its reads that a cache of five minutes would have saved. */
const SAVED_MIN = 0.8;
/** Reads of one secret by one instance around the refusals: fewer are a cache with a short life. */
const READS_EACH_MIN = 10;
/**
 * Share of all calls while refusals last: with less, most would be left; and of several that read again and have all
 * grown none is what is wrong.
 */
const OF_LOAD_MIN = 0.25;
/** Challenges for each whole set that was read: a start draws one, a client per call more. */
const CHALLENGED_MAX = 0.5;
/** Distinct minutes in which the most read secret is read: a burst of starts behind one address is over sooner. */
const MINUTES_MIN = 2;

/** A caller reads the same few secrets again and again. */
export const missingCache: Diagnosis = {
  kind: 'missing-cache',
  needs: [
    coverage.kind,
    timeline.kind,
    callers.kind,
    targets.kind,
    challenges.kind,
    listings.kind,
    retries.kind,
    attempts.kind,
    load.kind,
  ],
  fixes: ['cache-secrets', 'app-configuration-references', 'separate-vault'],
  cure: 'cache-secrets',
  yieldsTo: ['failing-loop', 'client-per-call', 'enumeration', 'service-caller', 'polling', 'restart-loop'],
  diagnose(context) {
    const storm = stormOf(context);
    const read = rowsOf(context.evidence, targets);
    const challenged = rowsOf(context.evidence, challenges);
    const listed = rowsOf(context.evidence, listings);
    if (storm === null || read === null || challenged === null || listed === null) return [];
    // What is read after a list, all of it and in turn, is no set that is known and could be kept.
    const knowsItsSet = storm.callers.filter(
      ({ caller }) => !listed.some((row) => row.caller === caller && roundsOf(row) !== null),
    );
    return knowsItsSet.flatMap((caller) =>
      causeFrom(
        storm,
        caller,
        readAgain(context.evidence, storm, caller),
        read.filter((row) => row.caller === caller.caller),
        challenged.find((row) => row.caller === caller.caller),
      ),
    );
  },
};

function causeFrom(
  storm: Storm,
  caller: CallerRow,
  measures: ReadAgain,
  read: readonly TargetRow[],
  challenge: ChallengeRow | undefined,
): Cause[] {
  const { saved, readsEach, ofLoad, calls } = measures;
  if (saved < SAVED_MIN || readsEach < READS_EACH_MIN || ofLoad < OF_LOAD_MIN) return [];
  const sets = calls / Math.max(1, caller.targets);
  if ((challenge?.challenges ?? 0) > CHALLENGED_MAX * sets) return [];
  if (Math.max(0, ...read.map(({ minutes }) => minutes)) < MINUTES_MIN) return [];
  const { baseline } = storm;
  return [
    {
      kind: missingCache.kind,
      verdict: verdictFor(saved >= 0.9 && ofLoad >= 0.5, baseline),
      role: wasAlways(storm, caller) ? 'condition' : 'trigger',
      confidence: confidenceOf([
        margin(saved, SAVED_MIN, 0.98),
        margin(ofLoad, OF_LOAD_MIN, 0.9),
        margin(readsEach, READS_EACH_MIN, 10 * READS_EACH_MIN),
      ]),
      explains: 0,
      onset: timeOf(climbOf(storm, caller, storm.onsetSecond)),
      caller: callerOf(caller),
      victims: victimsBeside(storm.callers, caller.caller),
      facts: factsOf(storm, caller, read, measures),
      summary: `${count(caller.targets, 'secret')} read over and over; a cache would save ${Math.floor(saved * 100)} %`,
    },
  ];
}

function count(number: number, word: string): string {
  return number === 1 ? `one ${word}` : `${digits(number)} ${word}s`;
}

function factsOf(storm: Storm, caller: CallerRow, read: readonly TargetRow[], measures: ReadAgain): Fact[] {
  const from = (kind: string, column: string): Fact['from'] => ({
    kind,
    column,
    row: caller.caller,
    window: 'incident',
  });
  const facts: Fact[] = [
    { label: 'Distinct secrets read', value: caller.targets, from: from(callers.kind, 'targets') },
    {
      label: 'Reads of each by each instance',
      value: Math.round(measures.readsEach),
      from: from(load.kind, 'first'),
    },
    {
      label: 'Saved by keeping each 5 min',
      value: Math.floor(measures.saved * 100),
      unit: '%',
      from: from(load.kind, 'miss300'),
    },
    {
      label: 'Share of first tries while refusals last',
      value: Math.round(measures.ofLoad * 100),
      unit: '%',
      from: from(load.kind, 'first'),
    },
    { label: 'Busiest 10 s', value: caller.peak10s, unit: 'requests', from: from(callers.kind, 'peak10s') },
  ];
  const usual = storm.baseline?.byCaller.get(caller.caller);
  if (storm.baseline !== null)
    facts.push({
      label: 'Busiest 10 s before',
      value: usual?.peak10s ?? 0,
      unit: 'requests',
      from: { kind: callers.kind, column: 'peak10s', row: caller.caller, window: storm.baseline.window },
    });
  if (read.length > 0)
    facts.push({
      label: 'Most read',
      value: read
        .slice(0, 3)
        .map(({ target }) => cleanText(target, 100))
        .join(', '),
      from: from(targets.kind, 'target'),
    });
  return facts;
}
