import { type CallerRow, callers } from '../evidence/callers.ts';
import { challenges } from '../evidence/challenges.ts';
import { coverage } from '../evidence/coverage.ts';
import { listings } from '../evidence/listings.ts';
import { load } from '../evidence/load.ts';
import { operations } from '../evidence/operations.ts';
import { rowsOf } from '../evidence/rows.ts';
import { runs } from '../evidence/runs.ts';
import { starts } from '../evidence/starts.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Cause, Fact } from '../model.ts';
import { callerOf, victimsBeside } from './caller.ts';
import { climbOf } from './climb.ts';
import type { Diagnosis } from './diagnosis.ts';
import { admittedIn, firstPerSecond, type Lane, laneOf, shareOfFirst, slidingPeak } from './lane.ts';
import { hasShape } from './shape.ts';
import { type Storm, stormOf, timeOf } from './storm.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';

/** Share of the first tries while refusals last: with less, several share what is admitted. */
const OF_LOAD_MIN = 0.5;
/** Share of what one window admits that the caller asks for by itself. */
const OWN_OF_LIMIT_MIN = 0.5;
/** Share of it that all others together ask for: by themselves they would not have been refused. */
const OTHERS_OF_LIMIT_MAX = 0.8;
const CLEAR_OF_LOAD = 0.7;

/** One caller uses most of what is admitted, by work that is only much of it; others, within their share, are refused. */
export const noisyNeighbour: Diagnosis = {
  kind: 'noisy-neighbour',
  needs: [
    coverage.kind,
    timeline.kind,
    callers.kind,
    operations.kind,
    listings.kind,
    challenges.kind,
    starts.kind,
    runs.kind,
    load.kind,
  ],
  fixes: ['separate-vault', 'queue-in-front', 'limit-increase'],
  // By itself it would be refused in a vault of its own as well; what it needs is a pace.
  cure: 'queue-in-front',
  diagnose(context) {
    const { evidence } = context;
    const storm = stormOf(context);
    const lane = storm === null ? null : laneOf(context, storm.class);
    const read = {
      operations: rowsOf(evidence, operations),
      listings: rowsOf(evidence, listings),
      challenges: rowsOf(evidence, challenges),
      starts: rowsOf(evidence, starts),
      runs: rowsOf(evidence, runs),
    };
    if (storm === null || lane === null) return [];
    return storm.callers.flatMap((caller) => {
      if (read.operations === null || read.listings === null || read.challenges === null) return [];
      if (read.starts === null || read.runs === null) return [];
      const isOwn = (row: { caller: string | null }): boolean => row.caller === caller.caller;
      const shaped = hasShape({
        caller,
        load: storm.load.filter(isOwn),
        operations: read.operations.filter(isOwn),
        listing: read.listings.find(isOwn),
        challenge: read.challenges.find(isOwn),
        start: read.starts.find(isOwn),
        run: read.runs.find(isOwn),
      });
      return shaped ? [] : causeFrom(storm, caller, lane);
    });
  },
};

function causeFrom(storm: Storm, caller: CallerRow, lane: Lane): Cause[] {
  const { class: name, windowSeconds } = lane.limit;
  const rows = storm.load.filter((row) => row.class === name);
  const peakOf = (own: boolean): number =>
    slidingPeak(firstPerSecond(rows.filter((row) => (row.caller === caller.caller) === own)), windowSeconds);
  // Where the log shows that less is admitted than is published, the log wins.
  const admitted = Math.min(lane.limit.max, admittedIn(lane));
  const ofLoad = shareOfFirst(storm.load, caller.caller, name, lane);
  const own = peakOf(true) / Math.max(1, admitted);
  const others = peakOf(false) / Math.max(1, admitted);
  const victims = victimsBeside(storm.callers, caller.caller);
  if (ofLoad < OF_LOAD_MIN || own < OWN_OF_LIMIT_MIN || others > OTHERS_OF_LIMIT_MAX || victims.length === 0) return [];
  return [
    {
      kind: noisyNeighbour.kind,
      verdict: verdictFor(ofLoad >= CLEAR_OF_LOAD, storm.baseline),
      role: 'condition',
      confidence: confidenceOf([
        margin(ofLoad, OF_LOAD_MIN, 0.9),
        margin(own, OWN_OF_LIMIT_MIN, 1),
        margin(OTHERS_OF_LIMIT_MAX - others, 0, OTHERS_OF_LIMIT_MAX),
      ]),
      explains: 0,
      onset: timeOf(climbOf(storm, caller, lane.onsetSecond)),
      caller: callerOf(caller),
      victims,
      facts: factsOf(caller, { ofLoad, own, others, victims: victims.length }),
      summary: `asks for ${Math.round(ofLoad * 100)} % of the load; others are refused within their share`,
    },
  ];
}

function factsOf(
  caller: CallerRow,
  { ofLoad, own, others, victims }: { ofLoad: number; own: number; others: number; victims: number },
): Fact[] {
  const from = (kind: string, column: string, row?: string): Fact['from'] => ({
    kind,
    column,
    window: 'incident',
    ...(row !== undefined && { row }),
  });
  const percent = (share: number): number => Math.round(share * 100);
  return [
    {
      label: 'Share of first tries while refusals last',
      value: percent(ofLoad),
      unit: '%',
      from: from(load.kind, 'first', caller.caller),
    },
    {
      label: 'Its busiest window, share of what is admitted',
      value: percent(own),
      unit: '%',
      from: from(load.kind, 'first', caller.caller),
    },
    {
      label: "All others' busiest window, share of that",
      value: percent(others),
      unit: '%',
      from: from(load.kind, 'first'),
    },
    { label: 'Others refused', value: victims, unit: 'callers', from: from(callers.kind, 'refused') },
    { label: 'Distinct secrets and keys', value: caller.targets, from: from(callers.kind, 'targets', caller.caller) },
    { label: 'Addresses', value: caller.addresses, from: from(callers.kind, 'addresses', caller.caller) },
  ];
}
