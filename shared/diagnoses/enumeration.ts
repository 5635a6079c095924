import { type CallerRow, callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { type ListingRow, listings } from '../evidence/listings.ts';
import { load } from '../evidence/load.ts';
import { rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Cause, Fact } from '../model.ts';
import { callerOf, victimsBeside } from './caller.ts';
import type { Diagnosis } from './diagnosis.ts';
import { digits } from './digits.ts';
import { shareOfFirst } from './lane.ts';
import { roundsOf } from './list-then-get.ts';
import { type Storm, stormOf, timeOf } from './storm.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';

/** Share of the first tries while refusals last. */
const OF_LOAD_MIN = 0.25;
const CLEAR_IN_RUNS = 0.8;
/** From here on it goes on and on. */
const FULL_ROUNDS = 10;
const CLEAR_OF_LOAD = 0.5;

/** A caller lists what the vault holds and reads it one by one, again and again or over a large vault. */
export const enumeration: Diagnosis = {
  kind: 'enumeration',
  needs: [coverage.kind, timeline.kind, callers.kind, listings.kind, load.kind],
  fixes: ['list-once', 'cache-secrets', 'separate-vault', 'queue-in-front'],
  // What it really needs the log cannot say; a run through a large vault is mended by its pace even where nothing is read twice.
  cure: 'queue-in-front',
  diagnose(context) {
    const storm = stormOf(context);
    const listed = rowsOf(context.evidence, listings);
    if (storm === null || listed === null) return [];
    return storm.callers.flatMap((caller) => {
      const own = listed.find((row) => row.caller === caller.caller);
      return own === undefined ? [] : causeFrom(storm, caller, own);
    });
  },
};

function causeFrom(storm: Storm, caller: CallerRow, listing: ListingRow): Cause[] {
  const found = roundsOf(listing);
  const ofLoad = shareOfFirst(storm.load, caller.caller, storm.class, storm);
  if (found === null || ofLoad < OF_LOAD_MIN) return [];
  const { inRuns, rounds } = found;
  const times = Math.max(1, Math.round(rounds));
  return [
    {
      kind: enumeration.kind,
      verdict: verdictFor(inRuns >= CLEAR_IN_RUNS && ofLoad >= CLEAR_OF_LOAD, storm.baseline),
      role: 'trigger',
      confidence: confidenceOf([
        margin(inRuns, 0, 1),
        margin(ofLoad, OF_LOAD_MIN, 0.9),
        margin(rounds, 1, FULL_ROUNDS),
      ]),
      explains: 0,
      onset: timeOf(Math.min(storm.onsetSecond, Math.floor(listing.firstMs / 1000))),
      caller: callerOf(caller),
      victims: victimsBeside(storm.callers, caller.caller),
      facts: factsOf(caller, listing, found, ofLoad),
      summary: `lists the vault and reads ${digits(listing.targets)} one by one, ${times === 1 ? 'once' : `${digits(times)} times`}`,
    },
  ];
}

function factsOf(
  caller: CallerRow,
  listing: ListingRow,
  { inRuns, rounds }: { inRuns: number; rounds: number },
  ofLoad: number,
): Fact[] {
  const from = (kind: string, column: string): Fact['from'] => ({
    kind,
    column,
    row: caller.caller,
    window: 'incident',
  });
  return [
    { label: 'Pages of lists', value: listing.lists, from: from(listings.kind, 'lists') },
    { label: 'Distinct things read', value: listing.targets, from: from(listings.kind, 'targets') },
    { label: 'Rounds of each address', value: Number(rounds.toFixed(1)), from: from(listings.kind, 'runs') },
    {
      label: 'Share of its reads that follow a list',
      value: Math.round(inRuns * 100),
      unit: '%',
      from: from(listings.kind, 'runReads'),
    },
    {
      label: 'Share of first tries while refusals last',
      value: Math.round(ofLoad * 100),
      unit: '%',
      from: from(load.kind, 'first'),
    },
    { label: 'Busiest 10 s', value: caller.peak10s, unit: 'requests', from: from(callers.kind, 'peak10s') },
  ];
}
