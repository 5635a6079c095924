import { type ActivityRow, activity } from '../evidence/activity.ts';
import { type CallerRow, callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { load } from '../evidence/load.ts';
import { rowsOf } from '../evidence/rows.ts';
import { type TargetRow, targets } from '../evidence/targets.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Cause, Fact } from '../model.ts';
import { cleanText } from '../sources/clean.ts';
import { callerOf, victimsBeside } from './caller.ts';
import { climbSince } from './climb.ts';
import type { Diagnosis } from './diagnosis.ts';
import { shareOfLoad } from './lane.ts';
import { type Storm, stormOf, timeOf, total } from './storm.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';

/** Of what the limit let through to a target, half or more was forbidden or not found (field-notes 12), */
const FAILED_OF_TARGET_MIN = 0.5;
/** and such targets make so much of what it let through to the caller: beside each the rest of its set is read as well. */
const FAILED_SHARE_MIN = 0.25;
const CLEAR_FAILED_SHARE = 0.7;
/** The same target asked so often by each address, in vain: once is a mistake at the start, not a loop. */
const EACH_MIN = 5;
/** Share of all first tries while refusals last: less cannot matter; how much it does, the replay of the cure tells. */
const OF_LOAD_MIN = 0.1;
const CLEAR_OF_LOAD = 0.5;
const LEAD_S = 60;
const BIN_S = 10;

type Failing = { failedShare: number; status: 403 | 404; each: number; failing: readonly TargetRow[]; ofLoad: number };

/** A caller asks again and again for what it may not read or what is not there. */
export const failingLoop: Diagnosis = {
  kind: 'failing-loop',
  needs: [coverage.kind, timeline.kind, callers.kind, targets.kind, activity.kind, load.kind],
  fixes: ['grant-or-rename', 'backoff'],
  cure: 'grant-or-rename',
  diagnose(context) {
    const storm = stormOf(context);
    const asked = rowsOf(context.evidence, targets);
    const active = rowsOf(context.evidence, activity);
    if (storm === null || asked === null || active === null) return [];
    return storm.callers.flatMap((caller) => {
      const failing = measure(storm, caller, asked, active);
      if (failing.failedShare < FAILED_SHARE_MIN || failing.each < EACH_MIN || failing.ofLoad < OF_LOAD_MIN) return [];
      const climbed = climbSince(storm, active, { caller: caller.caller, rhythmSeconds: 0 });
      return [causeFrom(storm, caller, failing, typeof climbed === 'number' ? climbed : storm.onsetSecond)];
    });
  },
};

function measure(
  storm: Storm,
  caller: CallerRow,
  asked: readonly TargetRow[],
  active: readonly ActivityRow[],
): Failing {
  const failing = asked.filter((row) => row.caller === caller.caller && fails(row));
  return {
    failedShare: failedShareOf(storm, caller.caller, active),
    status: caller.forbidden >= caller.notFound ? 403 : 404,
    each: Math.max(0, ...failing.map((row) => failuresOf(row) / Math.max(1, row.addresses))),
    failing: [...failing].sort((a, b) => failuresOf(b) - failuresOf(a) || (a.target < b.target ? -1 : 1)),
    ofLoad: shareOfLoad(storm, caller.caller),
  };
}

/** Of what the limit let through from a minute before the first refusal to the last: before, all may have been well. */
function failedShareOf(storm: Storm, caller: string, active: readonly ActivityRow[]): number {
  const own = active.find((row) => row.caller === caller);
  if (own === undefined) return 0;
  const from = Math.max(0, Math.floor((storm.onsetSecond - LEAD_S - own.fromSecond) / BIN_S));
  const to = Math.floor((storm.lastSecond - own.fromSecond) / BIN_S) + 1;
  const refused = storm.load
    .filter((line) => line.caller === caller)
    .reduce((sum, line) => sum + total(line.refused), 0);
  const letThrough = total(own.perTenSeconds.slice(from, to)) - refused;
  return total(own.failedPerTenSeconds.slice(from, to)) / Math.max(1, letThrough);
}

function fails(row: TargetRow): boolean {
  const failures = failuresOf(row);
  return failures > 0 && failures >= FAILED_OF_TARGET_MIN * (row.requests - row.refused);
}

function failuresOf({ forbidden, notFound }: TargetRow): number {
  return forbidden + notFound;
}

function causeFrom(storm: Storm, caller: CallerRow, seen: Failing, onsetSecond: number): Cause {
  const { failedShare, status, each, ofLoad } = seen;
  const clear = failedShare >= CLEAR_FAILED_SHARE && ofLoad >= CLEAR_OF_LOAD;
  const share = Math.round(100 * failedShare);
  return {
    kind: failingLoop.kind,
    verdict: verdictFor(clear, storm.baseline),
    role: 'trigger',
    confidence: confidenceOf([
      margin(failedShare, FAILED_SHARE_MIN, 0.95),
      margin(each, EACH_MIN, 10 * EACH_MIN),
      margin(ofLoad, OF_LOAD_MIN, 0.9),
    ]),
    explains: 0,
    onset: timeOf(onsetSecond),
    caller: callerOf(caller),
    victims: victimsBeside(storm.callers, caller.caller),
    facts: factsOf(caller, seen),
    summary:
      status === 403
        ? `${share} % of its requests are forbidden (403), and it asks again and again`
        : `${share} % of its requests find nothing (404), and it asks again and again`,
  };
}

function factsOf(caller: CallerRow, { failedShare, failing, each, ofLoad }: Failing): Fact[] {
  const from = (kind: string, column: string): Fact['from'] => ({
    kind,
    column,
    row: caller.caller,
    window: 'incident',
  });
  return [
    { label: 'Forbidden (403)', value: caller.forbidden, unit: 'requests', from: from(callers.kind, 'forbidden') },
    { label: 'Not found (404)', value: caller.notFound, unit: 'requests', from: from(callers.kind, 'notFound') },
    {
      label: 'Share of what was let through around the refusals',
      value: Math.round(100 * failedShare),
      unit: '%',
      from: from(activity.kind, 'failedPerTenSeconds'),
    },
    {
      label: 'Asked for in vain',
      value: failing
        .slice(0, 3)
        .map(({ target }) => cleanText(target, 100))
        .join(', '),
      from: from(targets.kind, 'target'),
    },
    {
      label: 'Times by each address',
      value: Math.round(each),
      from: from(targets.kind, failing[0] !== undefined && failing[0].forbidden > 0 ? 'forbidden' : 'notFound'),
    },
    {
      label: 'Share of first tries while refusals last',
      value: Math.round(100 * ofLoad),
      unit: '%',
      from: from(load.kind, 'first'),
    },
  ];
}
