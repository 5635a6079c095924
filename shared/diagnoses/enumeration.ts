import { type CallerRow, callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { type ListingRow, listings } from '../evidence/listings.ts';
import { load } from '../evidence/load.ts';
import { rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Cause, Fact } from '../model.ts';
import { callerOf, victimsBeside } from './caller.ts';
import type { Diagnosis } from './diagnosis.ts';
import { shareOfFirst } from './lane.ts';
import { type Storm, stormOf, timeOf } from './storm.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';

/** Runs of each address: one is what a provider of settings does when its application starts. */
const RUNS_EACH_MIN = 2;
/** One run through so many is a run through a large vault, which is too much even once. */
const LARGE_TARGETS = 200;
/** Share of the caller's reads that lie in such runs. */
const IN_RUNS_MIN = 0.5;
/** Share of the first tries while refusals last. */
const OF_LOAD_MIN = 0.25;
const CLEAR_IN_RUNS = 0.8;
const CLEAR_OF_LOAD = 0.5;

/** A caller lists what the vault holds and reads it one by one, again and again or over a large vault. */
export const enumeration: Diagnosis = {
  kind: 'enumeration',
  needs: [coverage.kind, timeline.kind, callers.kind, listings.kind, load.kind],
  fixes: ['list-once', 'cache-secrets', 'separate-vault'],
  cure: 'list-once',
  diagnose(context) {
    const storm = stormOf(context);
    const listed = rowsOf(context.evidence, listings);
    if (storm === null || listed === null) return [];
    return storm.callers.flatMap((caller) => {
      const own = listed.find((row) => row.caller === caller.caller);
      return own === undefined || own.firstMs === null ? [] : causeFrom(storm, caller, own, own.firstMs);
    });
  },
};

function causeFrom(storm: Storm, caller: CallerRow, listing: ListingRow, firstMs: number): Cause[] {
  const inRuns = listing.runReads / Math.max(1, listing.reads);
  const runsEach = listing.runs / Math.max(1, listing.addresses);
  const ofLoad = shareOfFirst(storm.load, caller.caller, storm.class, storm);
  const much = runsEach >= RUNS_EACH_MIN || listing.runTargetsMost >= LARGE_TARGETS;
  if (!much || inRuns < IN_RUNS_MIN || ofLoad < OF_LOAD_MIN) return [];
  const again = listing.runs === 1 ? 'once' : `${listing.runs} times`;
  return [
    {
      kind: enumeration.kind,
      verdict: verdictFor(inRuns >= CLEAR_IN_RUNS && ofLoad >= CLEAR_OF_LOAD, storm.baseline),
      role: 'trigger',
      confidence: confidenceOf([
        margin(inRuns, IN_RUNS_MIN, 1),
        margin(ofLoad, OF_LOAD_MIN, 0.9),
        margin(runsEach, RUNS_EACH_MIN, 10),
      ]),
      explains: 0,
      onset: timeOf(Math.min(storm.onsetSecond, Math.floor(firstMs / 1000))),
      caller: callerOf(caller),
      victims: victimsBeside(storm.callers, caller.caller),
      facts: factsOf(caller, listing, inRuns, ofLoad),
      summary: `lists the vault, then reads ${Math.round(listing.runTargets)} one by one, ${again}`,
    },
  ];
}

function factsOf(caller: CallerRow, listing: ListingRow, inRuns: number, ofLoad: number): Fact[] {
  const from = (kind: string, column: string): Fact['from'] => ({
    kind,
    column,
    row: caller.caller,
    window: 'incident',
  });
  return [
    { label: 'Lists', value: listing.lists, from: from(listings.kind, 'lists') },
    { label: 'Lists that reads one by one follow', value: listing.runs, from: from(listings.kind, 'runs') },
    { label: 'Read after each', value: Math.round(listing.runTargets), from: from(listings.kind, 'runTargets') },
    {
      label: 'Of its reads in such runs',
      value: Math.round(inRuns * 100),
      unit: '%',
      from: from(listings.kind, 'runReads'),
    },
    {
      label: 'Of the first tries while refusals last',
      value: Math.round(ofLoad * 100),
      unit: '%',
      from: from(load.kind, 'first'),
    },
    { label: 'Busiest 10 s', value: caller.peak10s, unit: 'requests', from: from(callers.kind, 'peak10s') },
  ];
}
