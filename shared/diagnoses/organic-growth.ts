import { type CallerRow, callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { load } from '../evidence/load.ts';
import { retries } from '../evidence/retries.ts';
import { rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Cause, Fact } from '../model.ts';
import { callerOf, victimsBeside } from './caller.ts';
import type { Diagnosis } from './diagnosis.ts';
import { firstPerSecond, slidingPeak } from './lane.ts';
import { type Baseline, type Storm, stormOf, timeOf } from './storm.ts';
import { confidenceOf, isTroubled, margin } from './verdict.ts';

/** Requests for each one of the baseline: less is the noise from one day to the next. */
const GROWTH_MIN = 1.15;
/** More in a day or a week is no growth, it is an event. */
const GROWTH_MAX = 6;
/** Share of today's requests that come from callers who were there before. */
const KNOWN_SHARE_MIN = 0.85;
/** A caller keeps its shape when its part of what is served stays within this factor, */
const PART_FACTOR_MAX = 1.6;
/** and its busiest 10 s, without what is asked again, within this one: a start or a loop is ten times as busy. */
const PEAK_FACTOR_MAX = 3;
/** With fewer requests in 10 s the peak is chance. */
const PEAK_MIN = 20;
const PEAK_S = 10;
/** Share of today's requests that come from callers who kept their shape. */
const SHAPED_SHARE_MIN = 0.7;
/** A caller that makes so much of the growth is named; less is the growth of all. */
const BROAD_SHARE = 0.6;

/**
 * The load grew against the same hours before with no change of shape. Only the day or week before tells growth: the hour
 * before the onset differs from the hour of the onset on any day.
 */
export const organicGrowth: Diagnosis = {
  kind: 'organic-growth',
  needs: [coverage.kind, timeline.kind, callers.kind, retries.kind, load.kind],
  fixes: ['limit-increase', 'separate-vault', 'cache-secrets'],
  cure: 'limit-increase',
  diagnose(context) {
    const storm = stormOf(context);
    const retried = rowsOf(context.evidence, retries);
    if (storm === null || retried === null || storm.baseline === null || storm.baseline.window === 'hour-before')
      return [];
    if (isTroubled(storm.baseline)) return [];
    const growth = measure(storm, storm.baseline, new Map(retried.map((row) => [row.caller, row.gaveUp])));
    if (growth.times < GROWTH_MIN || growth.times > GROWTH_MAX) return [];
    if (growth.knownShare < KNOWN_SHARE_MIN || growth.shapedShare < SHAPED_SHARE_MIN) return [];
    return [causeFrom(storm, storm.baseline, growth)];
  },
};

type Growth = { times: number; knownShare: number; shapedShare: number; most: CallerRow | null; mostShare: number };

function measure(storm: Storm, { byCaller, times: longer }: Baseline, gaveUp: ReadonlyMap<string, number>): Growth {
  const { callers: today } = storm;
  // Refused requests are asked again: what was wanted is what was answered in the end, or given up.
  const isToday = new Set(today);
  const asked = (row: CallerRow): number =>
    row.requests - row.refused + (isToday.has(row) ? (gaveUp.get(row.caller) ?? 0) : 0);
  const sum = (rows: Iterable<CallerRow>): number => [...rows].reduce((all, row) => all + asked(row), 0);
  const all = Math.max(1, sum(today));
  const sumBefore = sum(byCaller.values());
  const allBefore = Math.max(1, longer * sumBefore);
  const known = today.filter(({ caller }) => byCaller.has(caller));
  const shaped = known.filter((row) => {
    const before = byCaller.get(row.caller);
    const part = { today: asked(row) / all, before: before === undefined ? 0 : asked(before) / Math.max(1, sumBefore) };
    return before !== undefined && keepsShape(peakOf(storm, row), before, part);
  });
  const grown = today
    .map((row) => ({ row, more: asked(row) - longer * (byCaller.get(row.caller)?.requests ?? 0) }))
    .sort((a, b) => b.more - a.more || (a.row.caller < b.row.caller ? -1 : 1));
  const more = grown.reduce((total, each) => total + Math.max(0, each.more), 0);
  const [most] = grown;
  // Refused to the last, reads that were never asked for are missed; the limit counts windows, and their growth shows as well.
  const peaks = known.reduce((most, row) => most + peakOf(storm, row), 0);
  const peaksBefore = known.reduce((most, { caller }) => most + (byCaller.get(caller)?.peak10s ?? 0), 0);
  return {
    times: Math.max(all / allBefore, peaks / Math.max(1, peaksBefore)),
    knownShare: sum(known) / all,
    shapedShare: sum(shaped) / all,
    most: most?.row ?? null,
    mostShare: most === undefined || more === 0 ? 0 : Math.max(0, most.more) / more,
  };
}

/** Its busiest 10 s of first tries; of a caller that is none of the busiest, of all its requests. */
function peakOf({ load: lines }: Storm, { caller, peak10s }: CallerRow): number {
  const own = lines.filter((line) => line.caller === caller);
  return own.length === 0 ? peak10s : slidingPeak(firstPerSecond(own), PEAK_S);
}

function keepsShape(peak: number, before: CallerRow, part: { today: number; before: number }): boolean {
  const samePart = Math.max(part.today, part.before) <= PART_FACTOR_MAX * Math.min(part.today, part.before);
  return samePart && peak <= PEAK_FACTOR_MAX * Math.max(PEAK_MIN, before.peak10s);
}

function causeFrom(storm: Storm, baseline: Baseline, growth: Growth): Cause {
  const { times, knownShare, shapedShare, most, mostShare } = growth;
  const from = (column: string, window: Fact['from']['window'] = 'incident'): Fact['from'] => ({
    kind: callers.kind,
    column,
    window,
  });
  const since = baseline.window === 'week-before' ? 'a week' : 'a day';
  return {
    kind: organicGrowth.kind,
    verdict: 'likely',
    role: 'condition',
    confidence: confidenceOf([
      margin(times, GROWTH_MIN, 2),
      margin(knownShare, KNOWN_SHARE_MIN, 1),
      margin(shapedShare, SHAPED_SHARE_MIN, 1),
    ]),
    explains: 0,
    onset: timeOf(storm.onsetSecond),
    ...(mostShare >= BROAD_SHARE && most !== null && { caller: callerOf(most) }),
    victims: victimsBeside(storm.callers, mostShare >= BROAD_SHARE ? (most?.caller ?? null) : null),
    facts: [
      {
        label: `Requests wanted, against ${since} before`,
        value: Number(times.toFixed(2)),
        unit: '×',
        from: from('requests'),
      },
      {
        label: 'From callers that were there before',
        value: Math.round(knownShare * 100),
        unit: '%',
        from: from('caller'),
      },
      {
        label: 'From callers that kept their shape',
        value: Math.round(shapedShare * 100),
        unit: '%',
        from: from('peak10s'),
      },
      {
        label: 'Largest part of the growth',
        value: Math.round(mostShare * 100),
        unit: '%',
        from: from('requests', baseline.window),
      },
    ],
    summary:
      mostShare >= BROAD_SHARE
        ? `its load grew to ${times.toFixed(1)} times that of ${since} before, in the same shape`
        : `the load of all grew to ${times.toFixed(1)} times that of ${since} before`,
  };
}
