import { type CallerRow, callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { load } from '../evidence/load.ts';
import { CREATING_CLASSES } from '../evidence/operation-classes.ts';
import { type OperationRow, operations } from '../evidence/operations.ts';
import { rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Cause, Fact } from '../model.ts';
import { callerOf, victimsBeside } from './caller.ts';
import { climbOf } from './climb.ts';
import type { Diagnosis } from './diagnosis.ts';
import { digits } from './digits.ts';
import { admittedIn, type Lane, laneOf, shareOfFirst } from './lane.ts';
import { type Storm, stormOf, timeOf } from './storm.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';

const READING = 'secret';
/** Share of the reads that are refused meanwhile: above it reads are refused for a reason of their own. */
const READS_REFUSED_MAX = 0.05;
/** Then the writes must by themselves come near their limit, to be refused for theirs. */
const OF_LIMIT_MIN = 0.8;
/** Share of the first tries to write, while those are refused. */
const OF_LOAD_MIN = 0.3;
const CLEAR_OF_LOAD = 0.5;

/** Writes are refused at their own, much lower limit, while reads are served. */
export const writePressure: Diagnosis = {
  kind: 'write-pressure',
  needs: [coverage.kind, timeline.kind, callers.kind, operations.kind, load.kind],
  fixes: ['queue-in-front', 'separate-vault', 'limit-increase'],
  cure: 'queue-in-front',
  diagnose(context) {
    const storm = stormOf(context);
    const done = rowsOf(context.evidence, operations);
    if (storm === null || done === null) return [];
    const readsRefused = laneOf(context, READING)?.refusedShare ?? 0;
    return CREATING_CLASSES.flatMap((name) => {
      const lane = laneOf(context, name);
      if (lane === null) return [];
      if (readsRefused > READS_REFUSED_MAX && lane.demand < OF_LIMIT_MIN * lane.limit.max) return [];
      return storm.callers.flatMap((caller) => {
        const ofLoad = shareOfFirst(storm.load, caller.caller, name, lane);
        const own = done.filter((row) => row.caller === caller.caller && row.class === name);
        return ofLoad < OF_LOAD_MIN ? [] : [causeFrom(storm, caller, own, lane, { ofLoad, readsRefused })];
      });
    });
  },
};

type Measures = { ofLoad: number; readsRefused: number };

function causeFrom(
  storm: Storm,
  caller: CallerRow,
  writes: readonly OperationRow[],
  lane: Lane,
  measures: Measures,
): Cause {
  const { ofLoad, readsRefused } = measures;
  const { windowSeconds } = lane.limit;
  return {
    kind: writePressure.kind,
    verdict: verdictFor(ofLoad >= CLEAR_OF_LOAD && readsRefused <= READS_REFUSED_MAX, storm.baseline),
    role: 'trigger',
    confidence: confidenceOf([
      margin(ofLoad, OF_LOAD_MIN, 0.9),
      margin(READS_REFUSED_MAX - readsRefused, 0, READS_REFUSED_MAX),
      margin(lane.demand, lane.limit.max, 2 * lane.limit.max),
    ]),
    explains: 0,
    onset: timeOf(climbOf(storm, caller, lane.onsetSecond, [lane.limit.class])),
    caller: callerOf(caller),
    victims: victimsBeside(storm.callers, caller.caller),
    facts: factsOf(caller, writes, lane, measures),
    summary: `writes beyond the ${digits(admittedIn(lane))} admitted in ${windowSeconds} s; reads have their own limit`,
  };
}

function factsOf(caller: CallerRow, writes: readonly OperationRow[], lane: Lane, measures: Measures): Fact[] {
  const { ofLoad, readsRefused } = measures;
  const unit = `in ${lane.limit.windowSeconds} s`;
  const from = (kind: string, column: string, row?: string): Fact['from'] => ({
    kind,
    column,
    window: 'incident',
    ...(row !== undefined && { row }),
  });
  const [most] = writes;
  const facts: Fact[] = [
    { label: 'Most writes asked for', value: lane.demand, unit, from: from(load.kind, 'first') },
    { label: 'The limit for writes', value: lane.limit.max, unit, from: from(timeline.kind, 'class') },
    { label: 'Writes refused', value: lane.refused, from: from(timeline.kind, 'perSecond') },
    {
      label: 'Share of reads refused',
      value: Math.round(readsRefused * 100),
      unit: '%',
      from: from(timeline.kind, 'outcome'),
    },
    {
      label: 'Share of first writes while refusals last',
      value: Math.round(ofLoad * 100),
      unit: '%',
      from: from(load.kind, 'first', caller.caller),
    },
    {
      label: 'Busiest 10 s',
      value: caller.peak10s,
      unit: 'requests',
      from: from(callers.kind, 'peak10s', caller.caller),
    },
  ];
  if (most !== undefined)
    facts.push(
      {
        label: `${most.operation} calls`,
        value: most.requests,
        from: from(operations.kind, 'requests', caller.caller),
      },
      { label: 'Its calls refused', value: most.refused, from: from(operations.kind, 'refused', caller.caller) },
    );
  return facts;
}
